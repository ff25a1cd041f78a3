// What was read on single pages, and their images: fetched for the pages in view, a few at a time, and kept for the
// last few.
//
// A page image is fetched and not linked, for an image element can't send the API key. Its object URL is given back
// when it leaves the store, so that memory does not grow with the pages looked at.

import { LruMap } from './lru_map.js'

const MOST_RESULTS = 60
const MOST_IMAGES = 16
const AT_ONCE = 4

export class PageContents {
  #api
  #path
  #results = new LruMap(MOST_RESULTS)
  #images = new LruMap(MOST_IMAGES, (url) => this.#urls.revokeObjectURL(url))
  #urls
  #running = 0
  #waiting = []

  // path: of the job. urls: as the global URL, for tests.
  constructor(api, path, urls = URL) {
    this.#api = api
    this.#path = path
    this.#urls = urls
  }

  // Whether the page's result is at hand.
  knows(page) {
    return this.#results.has(page)
  }

  // The page as in the format json. Throws Problem.
  async result(page, signal) {
    const known = this.#results.get(page)
    if (known) return known
    return this.#inTurn(signal, async () => {
      const response = await this.#api.get(`${this.#path}/pages/${page}/result`, { signal })
      const result = await response.json()
      if (result.status === 'completed') this.#results.set(page, result)
      return result
    })
  }

  // The URL of the page's image, good while it is among the last ones asked for. Throws Problem.
  async image(page, signal) {
    const known = this.#images.get(page)
    if (known) return known
    return this.#inTurn(signal, async () => {
      const response = await this.#api.get(`${this.#path}/pages/${page}/image`, { signal })
      const url = this.#urls.createObjectURL(await response.blob())
      this.#images.set(page, url)
      return url
    })
  }

  // The page's text alone, for search and copying: nothing of it is kept.
  async text(page, signal) {
    return this.#inTurn(signal, async () => {
      const response = await this.#api.get(`${this.#path}/pages/${page}/text`, { signal })
      return response.text()
    })
  }

  // What was read of pages that are read again is forgotten.
  forget(pages) {
    for (const page of pages) {
      this.#results.delete(page)
      this.#images.delete(page)
    }
  }

  clear() {
    this.#results.clear()
    this.#images.clear()
  }

  async #inTurn(signal, work) {
    if (this.#running >= AT_ONCE) {
      await new Promise((turn) => {
        this.#waiting.push(turn)
      })
    } else {
      this.#running += 1
    }
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.pop() // the newest first: that is what is being looked at
      if (next) next()
      else this.#running -= 1
    }
  }
}
