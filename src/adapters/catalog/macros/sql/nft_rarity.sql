-- {schema}.rarity(of_collection := null)
--
-- Meaning: how rare each NFT of a collection is, by OpenRarity; of all collections without an
--   argument.
-- Reads: nft.nfts, nft.traits
-- Columns:
--   collection, contract, identifier, name: the NFT.
--   rank: 1 for the rarest; equal scores share a rank and the ranks after them are passed over.
--   score: information_content divided by the entropy of the collection; 1 is the average.
--   information_content: sum over all trait types of -log2(share of NFTs with the same value).
--   trait_count: traits that count, without empty ones and `none`.
-- Source: the OpenRarity standard, https://www.openrarity.dev, "Information content". The lack of
--   a trait type is a value of its own, and the number of traits is one more trait. Names and
--   values are compared in lower case without outer blanks; of several values of one type the
--   last one sent counts. Scores are the same when nine decimal digits are.
-- Beyond the standard: numbers and dates count as the text that was sent. NFTs whose traits are
--   not known, since they have none and their metadata was missing, unreachable, invalid, refused
--   or not asked for, have no score and no rank, and do not count in the shares.
create macro {schema}.rarity(of_collection := null) as table (
    with items as (
        select
            row_number() over () as item, collection, contract, identifier, name,
            (metadata_status is not distinct from 'ok' or coalesce(trait_count, 0) > 0) as is_known
        from {schema}.nfts
        where of_collection is null or collection = of_collection
    ),
    totals as (
        select collection, count(*) as items from items where is_known group by collection
    ),
    given as (
        select
            item,
            any_value(items.collection) as collection,
            lower(trim(coalesce(trait_type, ''))) as trait_type,
            arg_max(lower(trim(coalesce(value, ''))), position) as value
        from {schema}.traits join items using (collection, contract, identifier)
        group by item, lower(trim(coalesce(trait_type, '')))
    ),
    with_traits as (
        select item, count(*) filter (where value not in ('', 'none')) as trait_count
        from given
        group by item
    ),
    counted as (
        select item, collection, coalesce(trait_count, 0) as trait_count
        from items left join with_traits using (item)
        where is_known
    ),
    traits as (
        from given
        union all
        select item, collection, 'meta_trait:trait_count', trait_count::varchar from counted
    ),
    present as (
        select
            collection, trait_type, value,
            count(*) as holders,
            sum(holders) over (partition by collection, trait_type) as holders_of_type
        from traits
        group by collection, trait_type, value
    ),
    valued as (
        select
            collection, trait_type, value,
            holders / items as share,
            -log2(holders / items) as content,
            case
                when items > holders_of_type then -log2((items - holders_of_type) / items)
                else 0
            end as content_of_lack
        from present join totals using (collection)
    ),
    lacks as (
        select collection, trait_type, any_value(content_of_lack) as content
        from valued
        group by collection, trait_type
    ),
    base as (
        select
            collection,
            sum(content) as content_of_lacks,
            sum(content * pow(2, -content)) as entropy_of_lacks
        from lacks
        group by collection
    ),
    entropies as (
        select
            collection,
            any_value(content_of_lacks) as content_of_lacks,
            sum(share * content) + any_value(entropy_of_lacks) as entropy
        from valued join base using (collection)
        group by collection
    ),
    surprises as (
        select item, fsum(content - content_of_lack) as surprise
        from traits join valued using (collection, trait_type, value)
        group by item
    ),
    scored as (
        select
            item,
            collection,
            trait_count,
            content_of_lacks + surprise as information_content,
            information_content / case when entropy > 0 then entropy else 1 end as score
        from counted join surprises using (item) join entropies using (collection)
    ),
    ranked as (
        select
            *, rank() over (partition by collection order by round(score, 9) desc) as rank
        from scored
    )
    select
        items.collection, contract, identifier, name,
        rank, score, information_content, trait_count
    from items left join ranked using (item)
);
