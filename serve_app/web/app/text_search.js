// Finds words in the texts of a document's pages, page after page, also in pages that are read while it searches.
//
// Texts that are not at hand are fetched, counted, and let go of again: the search of a long document costs time, and
// no memory.

const AT_ONCE = 4
const TOLD_EVERY = 25

/** What is looked for: letters of any case, any white space where the query has some; null where that is nothing. */
export function patternOf(query) {
  const words = query.trim().split(/\s+/).filter(Boolean)
  if (!words.length) return null
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+'), 'giu')
}

export function countHits(text, pattern) {
  let hits = 0
  for (const match of text.matchAll(pattern)) if (match[0]) hits += 1
  return hits
}

/**
 * The hit after (by 1) or before (by -1) the chosen one, around the end; null where there is none.
 *
 * @param {{page: number, hits: number}[]} found in order
 * @param {{page: number, index: number}|null} chosen
 */
export function nextHit(found, chosen, by) {
  if (!found.length) return null
  const at = chosen ? found.findIndex(({ page }) => page === chosen.page) : -1
  if (at < 0) return by > 0 ? { page: found[0].page, index: 0 } : last(found.at(-1))
  const index = chosen.index + by
  if (index >= 0 && index < found[at].hits) return { page: chosen.page, index }
  const other = found[(at + by + found.length) % found.length]
  return by > 0 ? { page: other.page, index: 0 } : last(other)
}

function last({ page, hits }) {
  return { page, index: hits - 1 }
}

export class TextSearch {
  #textOf
  #onChange
  #counts = new Map()
  #missed = new Set()
  #pattern = null
  #pages = []
  #leaving = null

  /** textOf(page, signal): the text, or a promise of it. onChange: told when there is more to show. */
  constructor({ textOf, onChange }) {
    this.#textOf = textOf
    this.#onChange = onChange
    this.busy = false
  }

  /** Pages with hits, in order: [{page, hits}]. */
  get found() {
    const found = [...this.#counts].filter(([, hits]) => hits > 0).map(([page, hits]) => ({ page, hits }))
    return found.sort((a, b) => a.page - b.page)
  }

  get searched() {
    return this.#counts.size
  }

  /** Pages whose text could not be had. */
  get missed() {
    return this.#missed.size
  }

  /** Begins anew. pages: the numbers of those that have been read. */
  start(query, pages) {
    this.stop()
    this.#counts.clear()
    this.#missed.clear()
    this.#pattern = patternOf(query)
    this.extend(pages)
    this.#onChange()
  }

  /** These pages have been read by now. */
  extend(pages) {
    this.#pages = pages.filter((page) => !this.#counts.has(page) && !this.#missed.has(page))
    if (this.#pattern && this.#pages.length && !this.busy) this.#run()
  }

  stop() {
    this.#leaving?.abort()
    this.#leaving = null
    this.busy = false
  }

  async #run() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.busy = true
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(signal)))
    if (signal.aborted) return
    this.busy = false
    this.#onChange()
  }

  async #work(signal) {
    for (;;) {
      const page = this.#pages.shift()
      if (page === undefined || signal.aborted) return
      try {
        const text = await this.#textOf(page, signal)
        if (signal.aborted) return
        this.#counts.set(page, countHits(text, this.#pattern))
      } catch {
        if (signal.aborted) return
        this.#missed.add(page)
      }
      if (this.#counts.size % TOLD_EVERY === 0) this.#onChange()
    }
  }
}
