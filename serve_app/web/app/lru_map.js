// A map that holds so much and no more: what was not asked for longest goes first.
//
// It keeps a long document's memory flat: texts, boxes and pictures of pages far away are dropped and fetched again.

export class LruMap {
  #entries = new Map()
  #weight = 0

  // most: the sum of weights that may stay; the newest entry stays in any case. dropped: told each value that goes.
  constructor(most, dropped = () => {}) {
    this.most = most
    this.dropped = dropped
  }

  get weight() {
    return this.#weight
  }

  get size() {
    return this.#entries.size
  }

  has(key) {
    return this.#entries.has(key)
  }

  get(key) {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key, value, weight = 1) {
    this.delete(key)
    this.#entries.set(key, { value, weight })
    this.#weight += weight
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.most || oldest === key) break
      this.delete(oldest)
    }
  }

  delete(key) {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#weight -= entry.weight
    this.dropped(entry.value)
  }

  clear() {
    for (const key of [...this.#entries.keys()]) this.delete(key)
  }
}
