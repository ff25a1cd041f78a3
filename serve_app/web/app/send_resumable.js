// Sends a large document by the tus protocol, and then makes a job of it.
//
// tus-js-client, loaded when the first such document comes, keeps each upload's address on this device under the file's
// name, size and time, so the same file goes on where it was: after a pause, a broken connection, a server restarted,
// and after the page was reloaded and the file chosen again. When to try again is for the caller to say.

import { forgetUpload } from './interrupted_uploads.js'
import { noAnswer, Problem, problemOf } from './problem.js'
import { storage } from './storage.js'

const CHUNK_BYTES = 8 << 20

let loading = null
let failures = 0

/** The library; it is a script that names itself on the window. */
function tusClient() {
  loading ??= loaded()
  return loading
}

async function loaded() {
  const again = failures > 0 ? `?${failures}` : '' // browsers remember that an address could not be loaded
  const address = new URL(`../vendor/tus.min.js${again}`, import.meta.url).href
  try {
    await import(address)
    return globalThis.tus
  } catch {
    failures += 1
    loading = null
    throw await whyNotLoaded(address)
  }
}

/** A server that has been replaced has the files of another version. */
async function whyNotLoaded(address) {
  const answer = await fetch(address, { method: 'HEAD' }).catch(() => null)
  return answer?.status === 404 ? new Problem({ status: 404, code: 'view_missing' }) : noAnswer()
}

/**
 * As `sendWhole`. Where the signal is aborted the upload stays as it is, to be gone on with by another call.
 *
 * @param {(url: string) => boolean} sending.isTaken whether another document of this page goes by that upload
 * @param {(url: string) => void} sending.onAddress of the upload, once it is known
 */
export async function sendResumable(sending) {
  const tus = await tusClient()
  sending.signal.throwIfAborted()
  const address = await upload(tus, sending)
  const uploadId = address.slice(address.lastIndexOf('/') + 1)
  const body = { source: { upload_id: uploadId }, options: sending.options }
  try {
    // The upload's id as the key: an answer that was lost is asked for again, also after a reload.
    const answer = await sending.api.post('/api/jobs', body, {
      idempotencyKey: uploadId, signal: sending.signal, attempts: 1,
    })
    const record = await answer.json()
    forgetUpload(storage('local'), address)
    return record
  } catch (problem) {
    if (problem instanceof Problem && isOver(problem)) forgetUpload(storage('local'), address)
    throw problem
  }
}

/** Whether nothing more can come of the upload, so that the next try begins anew. */
function isOver({ code, status }) {
  const used = ['idempotency_conflict', 'upload_not_found', 'upload_expired'].includes(code)
  return used || status === 413 || status === 415
}

/** What has arrived is removed from the server. */
export async function discardUpload(api, address) {
  forgetUpload(storage('local'), address)
  await api.delete(new URL(address).pathname.replace(/^.*\/api\//, '/api/'), { headers: { 'Tus-Resumable': '1.0.0' } })
}

function upload(tus, { api, file, name, signal, isTaken, onAddress, onProgress }) {
  return new Promise((resolve, reject) => {
    const sent = new tus.Upload(file, {
      endpoint: api.url('/api/uploads'),
      chunkSize: CHUNK_BYTES,
      retryDelays: null,
      metadata: { filename: name },
      onBeforeRequest: (request) => {
        for (const [header, value] of Object.entries(api.headers())) request.setHeader(header, value)
      },
      onAfterResponse: notToBeTakenForTheEnd,
      onUploadUrlAvailable: () => onAddress(sent.url),
      onProgress: (bytes) => onProgress(bytes),
      onSuccess: () => settle(resolve, sent.url),
      onError: (error) => settle(reject, problemIn(error)),
    })

    function settle(how, what) {
      signal.removeEventListener('abort', stop)
      how(what)
    }

    function stop() {
      sent.abort().catch(() => {})
      settle(reject, signal.reason)
    }

    signal.addEventListener('abort', stop, { once: true })
    sent.findPreviousUploads().then((kept) => {
      if (signal.aborted) return
      const mine = kept.filter((each) => each.uploadUrl && !isTaken(each.uploadUrl)).at(-1)
      if (mine !== undefined) sent.resumeFromPreviousUpload(mine)
      sent.start()
    }, reject)
  })
}

/** The library gives an upload up at any 4xx to its HEAD; a key that is not taken and too many requests pass by. */
function notToBeTakenForTheEnd(request, response) {
  const status = response.getStatus()
  if (status === 401 || status === 429) throw problemWith(response)
}

function problemIn(error) {
  if (error instanceof Problem) return error
  if (error.causingError instanceof Problem) return error.causingError
  return error.originalResponse ? problemWith(error.originalResponse) : noAnswer()
}

function problemWith(response) {
  return problemOf(response.getStatus(), response.getBody() ?? '', response.getHeader('Retry-After') ?? null)
}
