// What is known of a job's pages: which there are, how each stands, and the texts that came with events.
//
// It is fed from three sides which may tell of the same page in any order: a whole record (status), a record without
// pages (an event), and the event of one page, which may be ahead of both. A page that was completed stays so within
// its run; texts are kept up to a bound, for they can be asked for again.

import { LruMap } from './lru_map.js'
import { parsePages, spellPages } from './page_set.js'

const MOST_CHARACTERS = 8_000_000
const ENDED = new Set(['completed', 'failed', 'skipped'])

export class PageStates {
  #states = new Map()
  #counts = { completed: 0, failed: 0, skipped: 0 }

  constructor(mostCharacters = MOST_CHARACTERS) {
    this.numbers = [] // of the pages that are asked for, in rising order
    this.run = 1
    this.texts = new LruMap(mostCharacters)
  }

  // {status, error}
  state(page) {
    return this.#states.get(page) ?? { status: 'pending', error: null }
  }

  get completed() {
    return this.#counts.completed
  }

  get failed() {
    return this.#counts.failed
  }

  get skipped() {
    return this.#counts.skipped
  }

  get ended() {
    return this.completed + this.failed + this.skipped
  }

  numbersWith(status) {
    return this.numbers.filter((page) => this.state(page).status === status)
  }

  // The id of an event after which all that is known here has been delivered.
  get lastEventId() {
    return `${this.run}:${spellPages(this.numbers.filter((page) => ENDED.has(this.state(page).status)))}`
  }

  // A record with or without its pages.
  learn(record) {
    if (record.run > this.run) this.#nextRun(record.run)
    if (record.pages && Object.keys(record.pages).length) {
      this.numbers = Object.keys(record.pages).map(Number).sort((a, b) => a - b)
      for (const page of this.numbers) this.#told(page, record.pages[page], record.run)
    } else if (!this.numbers.length && record.file_info.total_pages > 0) {
      const total = record.file_info.total_pages
      this.numbers = parsePages(record.options.pages ?? `1-${total}`, total) ?? []
    }
  }

  // An event `page`: {page, status, text, error}.
  deliver(event) {
    this.#set(event.page, { status: event.status, error: event.error ?? null })
    if (typeof event.text === 'string') this.keepText(event.page, event.text)
  }

  keepText(page, text) {
    this.texts.set(page, text, text.length + 1)
  }

  #told(page, told, run) {
    if (run < this.run) return
    const known = this.state(page)
    if (ENDED.has(known.status) && !ENDED.has(told.status)) return // an event was ahead of the record
    this.#set(page, { status: told.status, error: told.error ?? null })
  }

  // What was not completed is read again.
  #nextRun(run) {
    this.run = run
    for (const [page, state] of this.#states) {
      if (state.status !== 'completed') this.#set(page, { status: 'pending', error: null })
    }
  }

  #set(page, state) {
    const before = this.#states.get(page)?.status
    if (before in this.#counts) this.#counts[before] -= 1
    if (state.status in this.#counts) this.#counts[state.status] += 1
    this.#states.set(page, state)
  }
}
