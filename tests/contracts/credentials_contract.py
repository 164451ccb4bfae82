"""What every Credentials must do."""

import asyncio

from application.ports.credentials import Credential, Credentials
from domain.sources import Source


class CredentialsContract:
    """Override `credentials` (with a renewable key) and `source`."""

    def test_the_key_stays_the_same_from_call_to_call(
        self, credentials: Credentials, source: Source
    ) -> None:
        """Asking twice gives one key."""

        async def ask() -> tuple[Credential | None, Credential | None]:
            return await credentials.credential(source), await credentials.credential(source)

        first, second = asyncio.run(ask())
        assert first is not None
        assert first == second

    def test_the_partition_is_known_without_asking(
        self, credentials: Credentials, source: Source
    ) -> None:
        """It is that of the key which would be sent."""
        partition = credentials.partition(source)
        credential = asyncio.run(credentials.credential(source))
        assert credential is not None
        assert credential.partition == partition

    def test_a_renewed_key_replaces_the_rejected_one(
        self, credentials: Credentials, source: Source
    ) -> None:
        """After a renewal everybody gets the new key."""

        async def renew() -> tuple[str, str, str]:
            old = await credentials.credential(source)
            assert old is not None
            new = await credentials.renew(source, old)
            now = await credentials.credential(source)
            assert new is not None
            assert now is not None
            return old.secret, new.secret, now.secret

        old, new, now = asyncio.run(renew())
        assert old != new
        assert new == now

    def test_many_callers_with_one_rejected_key_get_one_new_key(
        self, credentials: Credentials, source: Source
    ) -> None:
        """Only one of the callers asks for another key."""

        async def renew() -> set[str]:
            old = await credentials.credential(source)
            assert old is not None
            new = await asyncio.gather(*(credentials.renew(source, old) for _ in range(20)))
            return {each.secret for each in new if each is not None}

        assert len(asyncio.run(renew())) == 1

    def test_a_key_is_not_shown(self, credentials: Credentials, source: Source) -> None:
        """Neither repr nor partition gives the key away."""
        credential = asyncio.run(credentials.credential(source))
        assert credential is not None
        assert credential.secret not in repr(credential)
        assert credential.secret not in credential.partition

    def test_a_key_that_is_not_renewable_stays(
        self, credentials: Credentials, source: Source
    ) -> None:
        """There is none in place of a key that was set by hand."""
        own = Credential("x-api-key", "set-by-hand", "own")
        assert asyncio.run(credentials.renew(source, own)) is None
