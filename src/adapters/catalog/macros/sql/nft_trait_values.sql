-- {schema}.trait_values(of_collection := null)
--
-- Meaning: how many NFTs of a collection have each value of each trait, the rarest first.
-- Reads: nft.nfts, nft.traits
-- Columns:
--   collection, trait_type, value: the trait, as sent.
--   items: NFTs that have it.
--   share: of all NFTs of the collection, from 0 to 1.
--   information_content: -log2(share), bits.
-- Source: Shannon's self-information; see also `rarity`, which folds upper and lower case.
create macro {schema}.trait_values(of_collection := null) as table (
    with totals as (
        select collection, count(*) as all_items
        from {schema}.nfts
        where of_collection is null or collection = of_collection
        group by collection
    ),
    present as (
        select collection, trait_type, value, count(distinct (contract, identifier)) as items
        from {schema}.traits
        where of_collection is null or collection = of_collection
        group by all
    )
    select
        collection, trait_type, value, items,
        items / all_items as share,
        -log2(items / all_items) as information_content
    from present join totals using (collection)
    order by items, collection, trait_type, value
);
