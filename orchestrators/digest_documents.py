"""Digests documents, each in a step of its own, and gathers the keywords of all."""

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from activities.documents import KEYWORDS, Digest, Document, Task, digest, keywords_of
from raincheck import Run, flow


class Documents(BaseModel):
    """What to digest, and how many sentences to keep of each document."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Document]
    sentences: int = Field(default=3, ge=1, le=50)


class Digests(BaseModel):
    """All digests in the order of the documents, and the keywords of all together."""

    documents: list[Digest]
    keywords: list[str]


@flow(acknowledge="I'm reading your documents and will come back with a digest.")
async def digest_documents(run: Run, work: Documents) -> Digests:
    """Digest documents: the telling sentences and keywords of each, and the keywords of all."""
    total = len(work.documents)
    done = 0

    async def one(document: Document) -> Digest:
        nonlocal done
        digested = await run.step(digest, Task(document=document, sentences=work.sentences))
        done += 1
        run.progress(100 * done / total, f"{done} of {total} documents")
        return digested

    digests = await run.gather(one(document) for document in work.documents)
    together: Counter[str] = Counter()
    for digested in digests:
        for rank, word in enumerate(digested.keywords):
            together[word] += KEYWORDS - rank
    return Digests(documents=digests, keywords=keywords_of(together))
