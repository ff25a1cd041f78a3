// What was read on single pages, and their images: fetched for the pages in view, a few at a time, and kept for the
// last few.
//
// A page image is fetched and not linked, for an image element can't send the API key. Its object URL is given back
// when it leaves the store, so that memory does not grow with the pages looked at.

import { LruMap } from './lru_map.js'
import { Turns } from './turns.js'
import { textsOfPages } from './whole_text.js'

const MOST_RESULTS = 60
const MOST_IMAGES = 16
const AT_ONCE = 4

export class PageContents {
  #api
  #path
  #results = new LruMap(MOST_RESULTS)
  #images = new LruMap(MOST_IMAGES, (url) => this.#urls.revokeObjectURL(url))
  #urls
  #texts = new Turns(AT_ONCE)
  #pictures = new Turns(AT_ONCE) // apart, for some are only drawn when they are asked for, and texts shall not wait

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
    return this.#texts.take(signal, async () => {
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
    return this.#pictures.take(signal, async () => {
      const response = await this.#api.get(`${this.#path}/pages/${page}/image`, { signal })
      const url = this.#urls.createObjectURL(await response.blob())
      this.#images.set(page, url)
      return url
    })
  }

  // The page's text alone, for search and copying: nothing of it is kept.
  async text(page, signal) {
    return this.#texts.take(signal, async () => {
      const response = await this.#api.get(`${this.#path}/pages/${page}/text`, { signal })
      return response.text()
    })
  }

  // The texts of all pages by number, of a job that has ended with the output txt; null where they can't be told apart.
  // Nothing of it is kept. pages: those that were read or could not be read.
  async texts(pages) {
    const response = await this.#api.get(`${this.#path}/result?format=txt`)
    return textsOfPages(await response.text(), pages)
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
}
