-- {schema}.overview(of_collection := null)
--
-- Meaning: one row a collection: how large it is, and what its traits are like.
-- Reads: nft.nfts, nft.traits
-- Columns:
--   collection: its slug.
--   items: NFTs. items_with_traits: those with at least one trait.
--   without_metadata, share_without_metadata: NFTs whose metadata is missing, unreachable, invalid
--     or refused; those that were not asked about (null) count as neither.
--   trait_types, trait_values: different types, and different values over all types.
--   mean_trait_count: traits an NFT.
--   top_traits: the ten most common values, as (trait_type, value, items, share).
-- Source: counts.
create macro {schema}.overview(of_collection := null) as table (
    with items as (
        select
            collection,
            count(*) as items,
            count(*) filter (where trait_count > 0) as items_with_traits,
            count(*) filter (where metadata_status <> 'ok') as without_metadata,
            coalesce(sum(trait_count), 0)::bigint as traits
        from {schema}.nfts
        where of_collection is null or collection = of_collection
        group by collection
    ),
    present as (
        select collection, trait_type, value, count(distinct (contract, identifier)) as holders
        from {schema}.traits
        where of_collection is null or collection = of_collection
        group by all
    ),
    placed as (
        select
            present.*,
            holders / items.items as share,
            row_number() over (
                partition by collection order by holders desc, trait_type, value
            ) as place
        from present join items using (collection)
    ),
    counted as (
        select
            collection,
            count(distinct coalesce(trait_type, '')) as trait_types,
            count(*) as trait_values,
            list(
                {'trait_type': trait_type, 'value': value, 'items': holders, 'share': share}
                order by place
            ) filter (where place <= 10) as top_traits
        from placed
        group by collection
    )
    select
        items.collection, items, items_with_traits, without_metadata,
        without_metadata / items as share_without_metadata,
        coalesce(trait_types, 0) as trait_types,
        coalesce(trait_values, 0) as trait_values,
        traits / items as mean_trait_count,
        top_traits
    from items left join counted on counted.collection = items.collection
    order by items desc, items.collection
);
