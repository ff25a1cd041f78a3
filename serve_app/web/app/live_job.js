// Follows one job as it happens.
//
// At first the whole record is fetched, then the stream of events gone on with from there: what is known is not sent
// again. Before each stream status is asked, so that whatever is wrong (a key, a job that is gone) shows there, with a
// clear answer. A stream that breaks is resumed after its last event; one that falls silent (the server sends a comment
// every 15 s) counts as broken. Where streams do not get through (a proxy keeps them back) but status does, the record
// is waited for instead, and a stream tried again later; where they let nothing be waited for either, it is asked for
// every two seconds. While nobody looks on, the record is asked for now and then
// and no connection held: browsers have six to a server, which other tabs may need. Nothing goes on once `stop` was
// called.

import { readEvents } from './event_stream.js'
import { unfinished } from './job_summary.js'
import { PageStates } from './page_states.js'

const SILENCE_MS = 40_000
const FIRST_EVENT_MS = 10_000
const WAIT_S = 20
const UNSEEN_MS = 10_000
const PATIENCE_MS = 20_000
const NOT_HELD_MS = 1000
const POLL_MS = 2000
const STREAM_AGAIN_MS = 120_000
const BACKOFF_MS = [300, 700, 1500, 3000, 6000, 10_000]
const FUTILE_STREAMS = 2
const NOTIFY_MS = 60

const browserTimers = {
  now: () => performance.now(),
  set: (done, ms) => setTimeout(done, ms),
  clear: (timer) => clearTimeout(timer),
  jitter: () => 0.75 + Math.random() / 2,
}

export class LiveJob {
  #api
  #timers
  #stopping = null
  #listeners = new Set()
  #etag = null
  #lastId = null
  #futile = 0
  #streamNotBefore = 0
  #failures = 0
  #notifyTimer = null
  #notified = -Infinity
  #seen = true

  // connection: 'opening', 'stream', 'polling', 'lost' (trying again), 'ended', 'gone' (deleted), 'refused' (problem).
  constructor({ api, id, timers = browserTimers }) {
    this.#api = api
    this.#timers = timers
    this.id = id
    this.path = `/api/jobs/${encodeURIComponent(id)}`
    this.record = null // as last told, its pages left out
    this.pages = new PageStates()
    this.connection = 'opening'
    this.problem = null
  }

  get ended() {
    return this.record !== null && !unfinished(this.record)
  }

  subscribe(listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start() {
    this.stop()
    this.#stopping = new AbortController()
    this.#lastId = null
    this.#failures = 0
    this.problem = null
    if (this.connection === 'refused' || this.connection === 'gone') this.#become('opening')
    this.#follow(this.#stopping.signal)
  }

  stop() {
    this.#stopping?.abort()
    this.#stopping = null
    this.#timers.clear(this.#notifyTimer)
    this.#notifyTimer = null
  }

  // Whether somebody looks on.
  see(seen) {
    if (this.#seen === seen) return
    this.#seen = seen
    if (this.#stopping && !this.ended) this.start()
  }

  // The record that an order was answered with; what follows is followed.
  learn(record) {
    this.#learn(record)
    this.#etag = null
    if (!this.ended) this.start()
  }

  async #follow(signal) {
    while (!signal.aborted) {
      try {
        const streaming = this.#mayStream()
        const told = await this.#status(signal, streaming || !this.#seen ? 0 : WAIT_S)
        if (this.ended) return this.#become('ended')
        if (streaming) await this.#stream(signal)
        else this.#failures = 0
        if (!this.#seen) await this.#pause(signal, UNSEEN_MS)
        else if (!streaming && told.soon) await this.#pause(signal, POLL_MS)
      } catch (error) {
        if (signal.aborted || this.#isFinal(error)) return
        this.#become('lost')
        await this.#pause(signal, this.#backOff(error.retryAfter))
      }
    }
  }

  #isFinal(error) {
    if (!(error.status >= 400 && error.status < 500) || error.status === 429 || error.status === 408) return false
    this.problem = error
    this.#become(error.status === 404 ? 'gone' : 'refused')
    return true
  }

  #mayStream() {
    return this.#seen && this.#timers.now() >= this.#streamNotBefore
  }

  // soon: nothing new came, and nobody held the question until something would.
  async #status(signal, waitSeconds) {
    const asked = this.#timers.now()
    const headers = this.#etag ? { 'If-None-Match': this.#etag } : {}
    const wait = waitSeconds && this.#etag ? `?wait=${waitSeconds}` : ''
    const patience = waitSeconds * 1000 + PATIENCE_MS
    const response = await this.#api.get(`${this.path}/status${wait}`, { signal, headers, attempts: 1, patience })
    if (waitSeconds) this.#become('polling')
    if (response.status === 304) return { soon: this.#timers.now() - asked < NOT_HELD_MS }
    const record = await response.json()
    this.#etag = response.headers.get('ETag')
    this.#learn(record)
    return { soon: !this.#etag }
  }

  // One stream, to its end or its break; throws where the next must wait.
  async #stream(signal) {
    const cutting = new AbortController()
    const cut = () => cutting.abort()
    signal.addEventListener('abort', cut, { once: true })
    let reached = false // the server's answer, or nothing for a long time: not a server that is away
    const silent = () => {
      reached = true
      cut()
    }
    let timer = this.#timers.set(silent, FIRST_EVENT_MS)
    const alive = () => {
      this.#timers.clear(timer)
      timer = this.#timers.set(silent, SILENCE_MS)
    }
    const fresh = this.#lastId === null
    let events = 0
    try {
      const headers = { Accept: 'text/event-stream', 'Last-Event-ID': this.#lastId ?? this.pages.lastEventId }
      const response = await this.#api.get(`${this.path}/events`, { signal: cutting.signal, headers, attempts: 1 })
      reached = true
      for await (const event of readEvents(response, alive)) {
        events += 1
        this.#failures = 0
        if (this.#take(event)) return
      }
      throw new Error('The stream ended before the job did.')
    } catch (error) {
      if (signal.aborted) throw error
      if (error.status === 400 || error.status === 431) return this.#forgetPosition(error, fresh)
      if (error.status === 404) throw error
      if (reached && !events) this.#judgeStreams()
      throw error
    } finally {
      this.#timers.clear(timer)
      signal.removeEventListener('abort', cut)
      cutting.abort()
    }
  }

  // The position was refused: all pages are asked for again, by way of the record; if that won't do either, it polls.
  #forgetPosition(error, fresh) {
    if (fresh) {
      this.#streamNotBefore = this.#timers.now() + STREAM_AGAIN_MS
      return
    }
    this.#lastId = null
    this.#etag = null
  }

  #judgeStreams() {
    this.#futile += 1
    if (this.#futile < FUTILE_STREAMS) return
    this.#futile = 0
    this.#streamNotBefore = this.#timers.now() + STREAM_AGAIN_MS
  }

  // True at the last event.
  #take({ event, id, data }) {
    this.#futile = 0
    const told = JSON.parse(data)
    if (id) this.#lastId = id
    if (event === 'status') {
      this.#learn(told)
      this.#become('stream')
    } else if (event === 'page') {
      this.pages.deliver(told)
      this.#changed()
    } else if (event === 'done') {
      this.#etag = null // the whole record once more: it tells each page's end and the outputs
      return true
    }
    return false
  }

  #learn(record) {
    this.pages.learn(record)
    const { pages, ...rest } = record
    this.record = rest
    this.#changed()
  }

  #become(connection) {
    if (this.connection === connection) return
    this.connection = connection
    this.#changed()
  }

  // Listeners hear of the first change at once, and of those that follow close together.
  #changed() {
    if (this.#notifyTimer !== null) return
    const wait = this.#notified + NOTIFY_MS - this.#timers.now()
    if (wait <= 0) this.#notify()
    else this.#notifyTimer = this.#timers.set(() => this.#notify(), wait)
  }

  #notify() {
    this.#notifyTimer = null
    this.#notified = this.#timers.now()
    for (const listener of this.#listeners) listener()
  }

  // Milliseconds before the next try. retryAfter: seconds, where the server said it.
  #backOff(retryAfter) {
    const step = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)]
    this.#failures += 1
    return retryAfter ? retryAfter * 1000 : step * this.#timers.jitter()
  }

  #pause(signal, ms) {
    return new Promise((done) => {
      const timers = this.#timers
      const timer = timers.set(finish, ms)
      signal.addEventListener('abort', finish, { once: true })
      function finish() {
        timers.clear(timer)
        signal.removeEventListener('abort', finish)
        done()
      }
    })
  }
}
