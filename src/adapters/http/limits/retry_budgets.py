"""The retry budgets of all hosts."""

from collections.abc import Callable

from adapters.http.limits.url_prefix import url_prefix
from domain.retry_budget import RetryBudget

_MOST_HOSTS = 4096
_FULL = RetryBudget()


class RetryBudgets:
    """One budget a host and scheme; those that are full take no memory."""

    def __init__(self) -> None:
        self._budgets: dict[str, RetryBudget] = {}

    def earn(self, url: str) -> None:
        """The host of this address answered."""
        if not self._budgets:
            return
        host = url_prefix(url)
        budget = self._budgets.get(host)
        if budget is not None:
            self._keep(host, budget.earned())

    def purse(self, url: str) -> Callable[[int], bool]:
        """Pays costs from the budget of this address's host; whether it reached."""
        host = url_prefix(url)

        def afford(cost: int) -> bool:
            left = self._budgets.get(host, _FULL).charged(cost)
            if left is None:
                return False
            self._keep(host, left)
            return True

        return afford

    def _keep(self, host: str, budget: RetryBudget) -> None:
        if budget.full:
            self._budgets.pop(host, None)
            return
        if host not in self._budgets and len(self._budgets) >= _MOST_HOSTS:
            self._budgets.pop(next(iter(self._budgets)))
        self._budgets[host] = budget
