// The documents on their way to the server: three at a time, the others wait their turn.
//
// Each goes on by itself after a broken connection or while the server restarts, may be paused, resumed and cancelled,
// and is gone from the list once its job is accepted. Events: `change`; `accepted` with the record and the Upload.

import { certainFault } from './file_kind.js'
import { delayBefore, pause } from './pause.js'
import { NO_ANSWER, Problem } from './problem.js'
import { newKey } from './random_key.js'
import { discardUpload, sendResumable } from './send_resumable.js'
import { sendWhole } from './send_whole.js'
import { sizeText } from './sizes.js'
import { whatNext } from './upload_policy.js'

const AT_ONCE = 3
const LARGE_BYTES = 8 << 20
const PROGRESS_MS = 100

/**
 * One document on its way. file: null where it can't be read; size: its bytes.
 *
 * state: waiting (for its turn), sending, paused, retrying (waits to be tried again, see problem), refused (for good,
 * see problem). sent: bytes that left, of size. resumable: it can be paused. url: of its resumable upload, once
 * there is one.
 */
class Upload {
  state = 'waiting'
  sent = 0
  problem = null
  url = null
  controller = null
  tries = 0
  sentBefore = 0
  idempotencyKey = newKey()

  constructor(id, file, name, options) {
    this.id = id
    this.file = file
    this.name = name
    this.options = options
    this.size = file?.size ?? 0
    this.resumable = this.size > LARGE_BYTES
  }
}

const LAST_TO_SHOW = ['refused', 'waiting']

/** Of many, those to show: under way before refused, refused before waiting. All of a few, in their order. */
export function firstToShow(list, most) {
  if (list.length <= most) return list
  const rank = ({ state }) => LAST_TO_SHOW.indexOf(state)
  return [...list].sort((one, other) => rank(one) - rank(other)).slice(0, most)
}

export class Uploads extends EventTarget {
  #api
  #onAccepted
  #senders
  #pause
  #count = 0
  #info = null
  #told = 0

  /** onAccepted: called with the record of each job that was made. */
  constructor({ api, onAccepted, senders = { sendWhole, sendResumable, discardUpload }, wait = pause }) {
    super()
    this.#api = api
    this.#onAccepted = onAccepted
    this.#senders = senders
    this.#pause = wait
    this.list = []
    globalThis.addEventListener?.('online', () => this.#hurry())
  }

  /** Whether something would be interrupted if the page were left. */
  get busy() {
    return this.list.some((upload) => ['waiting', 'sending', 'retrying'].includes(upload.state))
  }

  /**
   * @param {{file: File|null, name: string}[]} documents
   * @param {Record<string, string>} options of their jobs
   * @returns {Upload[]}
   */
  add(documents, options) {
    const made = ({ file, name }) => new Upload((this.#count += 1), file, name, options)
    const added = documents.map(made)
    this.list = [...this.list, ...added]
    this.#next()
    return added
  }

  pause(upload) {
    if (!['waiting', 'sending', 'retrying'].includes(upload.state)) return
    this.#stop(upload, 'paused')
  }

  /**
   * Goes on with one that is paused, tries a refused one again, and at once one that waits to be tried again.
   *
   * @param {Record<string, string>} [options] of the job, where they have changed
   */
  resume(upload, options) {
    if (!['paused', 'refused', 'retrying'].includes(upload.state)) return
    if (options !== undefined) upload.options = options
    if (upload.state === 'refused') upload.idempotencyKey = newKey()
    if (upload.state === 'retrying') upload.controller?.abort()
    upload.tries = 0
    upload.problem = null
    upload.state = 'waiting'
    this.#next()
  }

  /** Takes it from the list; what has arrived of it is removed from the server. */
  cancel(upload) {
    this.#stop(upload, 'cancelled')
    this.#leave(upload)
    if (upload.url !== null) this.#senders.discardUpload(this.#api, upload.url).catch(() => {})
  }

  /** Takes all from the list that were refused. */
  dismissRefused() {
    for (const upload of this.list.filter(({ state }) => state === 'refused')) this.cancel(upload)
  }

  #stop(upload, state) {
    upload.state = state
    upload.controller?.abort()
    this.#next()
  }

  #leave(upload) {
    this.list = this.list.filter((each) => each !== upload)
    this.#changed()
  }

  #next() {
    const waiting = this.list.filter((upload) => upload.state === 'waiting')
    const sending = this.list.filter((upload) => upload.state === 'sending').length
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) this.#begin(upload)
    this.#changed()
  }

  #begin(upload) {
    upload.state = 'sending'
    upload.controller = new AbortController()
    this.#send(upload, upload.controller.signal).finally(() => this.#next())
  }

  /** One try. Whoever aborted the signal has said in which state the upload is now. */
  async #send(upload, signal) {
    let record
    const key = this.#api.key()
    try {
      await this.#check(upload, signal)
      record = await this.#sent(upload, signal)
    } catch (problem) {
      if (signal.aborted) return
      await this.#failed(upload, problem, key, signal)
      return
    }
    if (upload.state === 'cancelled') {
      this.#api.delete(`/api/jobs/${record.job_id}`).catch(() => {})
      return
    }
    this.#onAccepted(record)
    this.#leave(upload)
    this.dispatchEvent(new CustomEvent('accepted', { detail: { record, upload } }))
  }

  async #check(upload, signal) {
    const info = await this.#serverInfo()
    upload.resumable = upload.size > Math.min(LARGE_BYTES, info?.limits.direct_upload_bytes ?? LARGE_BYTES)
    const fault = await certainFault(upload.file, info)
    signal.throwIfAborted()
    if (fault === null) return
    const detail = fault === 'file_too_large' ? `The server takes up to ${sizeText(info.limits.upload_bytes)}.` : ''
    throw new Problem({ status: 0, code: fault, detail })
  }

  #sent(upload, signal) {
    const { file, name, options, idempotencyKey } = upload
    const sending = {
      api: this.#api, file, name, options, idempotencyKey, signal,
      isTaken: (url) => this.list.some((other) => other !== upload && other.url === url),
      onAddress: (url) => {
        upload.url = url
      },
      onProgress: (bytes) => this.#progress(upload, bytes),
    }
    return upload.resumable ? this.#senders.sendResumable(sending) : this.#senders.sendWhole(sending)
  }

  async #failed(upload, problem, key, signal) {
    const advanced = upload.sent > upload.sentBefore
    upload.tries = advanced ? 1 : upload.tries + 1
    upload.sentBefore = upload.sent
    upload.problem = problem
    if (problem.code === NO_ANSWER) this.#api.dispatchEvent(new Event('unreachable'))
    const next = whatNext(problem, upload.tries)
    if (next === 'ask') {
      await this.#askForKey(upload, problem, key, signal)
    } else if (next === 'again') {
      upload.state = 'retrying'
      this.#next()
      this.#wait(upload, delayBefore(upload.tries, problem.retryAfter), signal)
    } else {
      upload.state = 'refused'
    }
  }

  async #askForKey(upload, problem, key, signal) {
    try {
      await this.#api.renewKey(key, problem, signal)
    } catch {
      if (!signal.aborted) upload.state = 'refused'
      return
    }
    if (!signal.aborted) upload.state = 'waiting'
  }

  #wait(upload, ms, signal) {
    this.#pause(ms, signal).then(
      () => {
        if (upload.state !== 'retrying') return
        upload.state = 'waiting'
        this.#next()
      },
      () => {}, // somebody has decided otherwise
    )
  }

  /** The browser is on line again: nobody waits any longer. */
  #hurry() {
    for (const upload of this.list) {
      if (upload.state === 'retrying') this.resume(upload)
    }
  }

  async #serverInfo() {
    try {
      this.#info ??= await this.#api.json('/api/info', { attempts: 1 })
    } catch {
      return null
    }
    return this.#info
  }

  #progress(upload, bytes) {
    upload.sent = bytes
    const now = Date.now()
    if (now - this.#told < PROGRESS_MS && bytes < upload.size) return
    this.#told = now
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new Event('change'))
  }
}
