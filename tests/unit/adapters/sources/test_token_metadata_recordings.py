"""Every recorded metadata document, with the traits it must give."""

import pytest

from adapters.sources.opensea import SOURCE
from domain.requests import Request, Trust
from domain.tables import Record
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import RECORDINGS, recorded

FOLDER = "token_metadata"
TRAITS = {
    "offchain_artblocks_parser_L26": 11,
    "offchain_decentraland_parser_L26": 3,
    "offchain_default_catchall_parser_L23": 13,
    "offchain_est_L159": 0,
    "offchain_est_L8": 23,
    "offchain_hashmasks_parser_L26": 6,
    "offchain_loot_parser_L21": 0,
    "offchain_makersplace_parser_L22": 1,
    "offchain_opensea_parser_L242": 4,
    "offchain_punks_parser_L27": 0,
    "offchain_superrare_parser_L27": 0,
    "onchain_argus_genesis_3669": 2,
    "onchain_base_introduced_50335": 2,
    "onchain_breathe_in_breathe_out_enjoy_2393": 2,
    "onchain_cashmerelabs_testnet_early_adopter_2762": 2,
    "onchain_cranes_for_special_wallets_255": 0,
    "onchain_eigenlayer_world_builders_57313": 2,
    "onchain_esports_introduced_2496": 2,
    "onchain_farcaster_bison_8878": 2,
    "onchain_fundrop_1_mint_machine_by_numo_7506": 1,
    "onchain_fundrop_2_lucky_222_by_kyt_1614": 1,
    "onchain_fundrop_4_lunar_limb_brainwave_by_chuck_anderson_973": 1,
    "onchain_fundrop_6_free_play_by_tyler_givens_1_1039": 1,
    "onchain_fundrop_7_pfp_studies_by_marc_horowitz_7442": 1,
    "onchain_fundrop_7_pfp_studies_by_marc_horowitz_7443": 1,
    "onchain_gnars_v2_4738": 5,
    "onchain_how_far_weve_come_by_jimenabuenavida_1600": 2,
    "onchain_introducing_worldcoin_4941": 2,
    "onchain_link3_11808": 4,
    "onchain_opepen_zorbs_812": 2,
    "onchain_paragraph_highlight_118": 2,
    "onchain_pure_internet_6713": 2,
    "onchain_safe_core_introduced_1726": 2,
    "onchain_stand_with_crypto_11061": 2,
    "onchain_stand_with_crypto_139785": 2,
    "onchain_uniswap_v3_positions_360762": 0,
    "onchain_world_app_41990": 2,
    "onchain_zetalabs_testnet_early_membership_436": 2,
    "quoted_attributes_nested_array": 3,
}


def _read(name: str) -> tuple[Record, list[Record]]:
    listed = ["slug", "0xaa", "base", "1", *[None] * 9]
    request = Request(
        kind="metadata",
        url="https://x.example/1",
        trust=Trust.UNTRUSTED,
        context={"nft": listed},
    )
    page = SOURCE.parse(request, recorded(f"{FOLDER}/{name}.json"))
    assert_fits(SOURCE, page.records)
    assert (page.items, page.failures) == (1, ())
    [nft] = page.records["nfts"]
    return nft, list(page.records.get("traits", ()))


def test_the_table_is_complete() -> None:
    """Each recording stands in it."""
    assert {path.stem for path in (RECORDINGS / FOLDER).glob("*.json")} == set(TRAITS)


@pytest.mark.parametrize("name", TRAITS)
def test_a_recorded_document_gives_its_traits(name: str) -> None:
    """Status `ok`, as many traits as the document has, numbered from 0."""
    nft, traits = _read(name)
    assert nft[-2:] == ("ok", TRAITS[name])
    assert [row[:4] for row in traits] == [("slug", "0xaa", "1", n) for n in range(TRAITS[name])]


def test_the_document_fills_what_the_list_lacks() -> None:
    """Name, description and picture, under the names that documents use for them."""
    base, _ = _read("onchain_base_introduced_50335")
    assert base[4] == "Base, Introduced 50335"
    assert str(base[7]).startswith("ipfs://bafybeigzdpz2")
    maker, _ = _read("offchain_makersplace_parser_L22")
    assert str(maker[7]).startswith("https://ipfsgateway.makersplace.com/ipfs/QmRP5")
    nameless, _ = _read("offchain_hashmasks_parser_L26")
    assert (nameless[4], nameless[5]) == (None, "Hashmask #553")


def test_embedded_pictures_are_kept_while_they_are_small() -> None:
    """A picture of more than 2,048 characters would outweigh the row."""
    loot, _ = _read("offchain_loot_parser_L21")
    crane, _ = _read("onchain_cranes_for_special_wallets_255")
    assert str(loot[7]).startswith("data:image/svg+xml;base64,")
    assert crane[7] is None


def test_odd_shapes_keep_what_they_say() -> None:
    """An object of digit strings, one trait type for all, negative numbers, a list in a list."""
    _, catchall = _read("offchain_default_catchall_parser_L23")
    assert catchall[2][4:] == ("amount", "29400000000000000000", None, None, None)
    _, artblocks = _read("offchain_artblocks_parser_L26")
    assert {row[4] for row in artblocks} == {"Tentura"}
    _, decentraland = _read("offchain_decentraland_parser_L26")
    assert decentraland[1][4:] == ("Y", "-14", -14.0, "number", None)
    _, nested = _read("quoted_attributes_nested_array")
    assert nested[2][4:] == ("Rank", "543", 543.0, None, None)
