"""Makes of what a JSON submission names the document of a job: an upload is copied, a ``gs://`` source is noted.

The copy passes through memory piece by piece; the upload stays until its job is accepted. What lies in a bucket is
fetched by the job, never inside the request.
"""

from __future__ import annotations

import hashlib

from cluster.blobs.port import BlobStore
from cluster.errors import FileTooLarge
from cluster.resumable_upload import PART_BYTES
from serve_app.document_stream import StoredDocument, store_document
from serve_app.draft import Draft
from serve_app.filenames import display_name
from serve_app.identity import Identity
from serve_app.json_submission import JsonSubmission
from serve_app.resumable_uploads import ResumableUploads
from serve_app.tus_request import decoded_metadata
from serve_app.upload_budget import UploadBudget
from serve_app.uploads import ReceivedUpload


class JsonSources:
    def __init__(self, store: BlobStore, budget: UploadBudget, uploads: ResumableUploads) -> None:
        self._store = store
        self._budget = budget
        self._uploads = uploads

    async def receive(self, caller: Identity, named: JsonSubmission, draft: Draft) -> ReceivedUpload:
        """UploadNotFound, UploadExpired, UploadIncomplete, MediaTypeUnsupported, FileTooLarge, Overloaded."""
        if named.upload_id is not None:
            return await self._copy(caller, named.upload_id, named, draft)
        assert named.uri is not None
        await draft.enter()
        uri = str(named.uri)
        unread = StoredDocument("", 0, hashlib.sha256(uri.encode()).hexdigest())
        return ReceivedUpload(
            display_name(named.uri.name), unread, named.fields, source_uri=uri, source_limit=caller.limits.most_bytes
        )

    async def _copy(self, caller: Identity, upload_id: str, named: JsonSubmission, draft: Draft) -> ReceivedUpload:
        upload = await self._uploads.finished(caller, upload_id)
        caller.limits.check_size(upload.info.length)
        limit = self._uploads.most_bytes
        too_large = FileTooLarge(f"The upload is larger than {limit >> 20} MB, the limit for a document.")
        with self._budget.reserve(min(PART_BYTES, self._budget.limit)):
            document = await store_document(self._store, self._uploads.pieces(upload), draft.place, limit, too_large)
        filename = display_name(decoded_metadata(upload.info.metadata).get("filename"))
        return ReceivedUpload(filename, document, named.fields, upload_id=upload_id)

    async def used(self, upload_id: str) -> None:
        """A job was made of the upload, and has its document: it is of no more use."""
        await self._uploads.remove(upload_id)
