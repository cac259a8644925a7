"""Digests documents, each in a step of its own, and gathers the keywords of all."""

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field
from raincheck import Run, flow

from activities.documents import Digest, Document, Task, digest
from activities.words import KEYWORDS, keywords_of


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

    async def digest_one(document: Document) -> Digest:
        nonlocal done
        digested = await run.step(digest, Task(document=document, sentences=work.sentences))
        done += 1
        run.progress(100 * done / total, f"{done} of {total} documents")
        return digested

    digests = await run.gather(digest_one(document) for document in work.documents)
    return Digests(documents=digests, keywords=keywords_of(weights_of_all(digests)))


def weights_of_all(digests: list[Digest]) -> Counter[str]:
    """Weigh the keywords of all documents: the higher a word ranks in one, the more it counts."""
    weights: Counter[str] = Counter()
    for digested in digests:
        for rank, word in enumerate(digested.keywords):
            weights[word] += KEYWORDS - rank
    return weights
