"""What `reconciled doctor` is told of a collection."""

from collections.abc import Iterator

from reconciled.errors import BadResponse
from reconciled.source import Context, Matter, Weight
from reconciled_chroma.connection import Connection
from reconciled_chroma.items import document_of
from reconciled_chroma.payloads import Entries


async def examine(connection: Connection, context: Context, *, unnamed: int | None) -> list[Matter]:
    """All that there is to say; `unnamed` entries of the last listing name no document."""
    config = connection.config
    version = await connection.prove()
    found = [Matter(Weight.GOOD, f"Chroma {version} answers")]
    me = await connection.identity()
    if me.user_id:
        found.append(Matter(Weight.GOOD, f"it knows us as {me.user_id}"))
    else:
        found += _open_to_all(asked=config.token is not None)
    try:
        collection = await connection.collection()
    except BadResponse as error:
        remedy = "let the program that fills it make it, or mend collection, tenant and database"
        return [*found, Matter(Weight.WRONG, str(error), remedy)]
    count = await connection.count(collection)
    found.append(Matter(Weight.GOOD, f"the collection {config.collection} has {count} entries"))
    if count:
        found += _named(await connection.entries(collection), context, connection, unnamed)
    return found


def _open_to_all(*, asked: bool) -> Iterator[Matter]:
    """Chroma's own server lets everybody in since its version 1."""
    if not asked:
        said = "Chroma lets everybody in who can reach it"
        yield Matter(
            Weight.ADVICE, said, "let only your own programs reach its port, or put a proxy before it"
        )


def _named(page: Entries, context: Context, connection: Connection, unnamed: int | None) -> Iterator[Matter]:
    """Whether the entries say of which document they were made; by the oldest ones, and the last listing."""
    config = connection.config
    without = sum(document_of(metadata, config) is None for metadata in page.metadatas)
    if without == len(page.ids):
        names = sorted({name for metadata in page.metadatas for name in metadata or ()})[:10]
        has = f"they have {', '.join(names)}" if names else "they have no metadata"
        yield Matter(
            Weight.WRONG,
            f"none of its first {len(page.ids)} entries names a document in {config.field}; {has}",
            f"name the right metadata: sources.{context.name}.field",
        )
        return
    many = unnamed if unnamed is not None else without
    where = "at the last listing" if unnamed is not None else f"of its first {len(page.ids)}"
    if many:
        yield Matter(
            Weight.ADVICE,
            f"{many} entries name no document in {config.field} ({where}): they are left alone",
            "nothing has to be done if they are somebody else's",
        )
    else:
        yield Matter(Weight.GOOD, f"its entries name their documents in {config.field}")
