// The HTTP API as this page uses it: every request carries the key, every refusal is a Problem, and what may be asked
// again without harm is asked again where no answer came or the server is too busy. A question to which no answer
// begins for a long time counts as not answered: the line may be dead without either side being told.
//
// Events: `unreachable` where no answer comes or a proxy says that nobody is there; `answered` at any other answer.

import { delayBefore, pause } from './pause.js'
import { noAnswer, Problem, problemOf } from './problem.js'

export { Problem }

const HARMLESS = new Set(['GET', 'HEAD', 'DELETE'])
const AGAIN = new Set([429, 502, 503, 504])
const NOBODY_THERE = new Set([502, 504])
const LONGEST_WAIT_S = 30
const PATIENCE_MS = 90_000

export class Api extends EventTarget {
  #keys
  #base
  #fetch
  #pause

  /**
   * @param {object} parts
   * @param {string} parts.base the page's own address: the server may lie behind a prefix
   * @param {import('./key.js').KeyRing} parts.keys
   */
  constructor({ base, keys, fetch = (...asked) => globalThis.fetch(...asked), wait = pause }) {
    super()
    this.#base = base
    this.#keys = keys
    this.#fetch = fetch
    this.#pause = wait
  }

  /** The key in use, or null. */
  key() {
    return this.#keys.current
  }

  /** For those who send requests themselves. */
  headers() {
    const key = this.key()
    return key === null ? {} : { Authorization: `Bearer ${key}` }
  }

  /** path: as in `/api/jobs?limit=20`. */
  url(path) {
    return new URL(path.replace(/^\//, ''), this.#base).href
  }

  /**
   * The answer of 2xx or 304. attempts: how often it is asked at most; 1 for those who see to it themselves. patience:
   * milliseconds until the answer begins.
   */
  get(path, options) {
    return this.#send('GET', path, options)
  }

  async json(path, options) {
    return (await this.get(path, options)).json()
  }

  /** body: FormData and the like are sent as they are, anything else as JSON. idempotencyKey: it may be repeated. */
  post(path, body, { idempotencyKey, headers = {}, ...options } = {}) {
    const key = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }
    return this.#send('POST', path, { ...options, ...encoded(body, { ...headers, ...key }) })
  }

  /** What is not there any more is as good as deleted. */
  async delete(path, options) {
    try {
      return await this.#send('DELETE', path, options)
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) return null
      throw problem
    }
  }

  /**
   * Asks the person for another key after a 401, unless there is another one already. Throws the problem where the
   * person gives none.
   *
   * @param {string|null} refused the key that the server did not take
   */
  async renewKey(refused, problem, signal) {
    if (this.key() !== refused) return
    if (!(await this.#keys.ask({ refused: refused !== null, signal }))) throw problem
  }

  async #send(method, path, { body, headers = {}, signal, attempts = 4, patience = PATIENCE_MS } = {}) {
    const harmless = HARMLESS.has(method) || 'Idempotency-Key' in headers
    for (let attempt = 1; ; attempt += 1) {
      const key = this.key()
      try {
        return await this.#once(method, path, { body, headers, signal, patience })
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        if (problem.status === 401) {
          await this.renewKey(key, problem, signal)
          attempt -= 1
        } else if (attempt < attempts && mayBeRepeated(problem, harmless)) {
          await this.#pause(delayBefore(attempt, problem.retryAfter), signal)
        } else {
          throw problem
        }
      }
    }
  }

  async #once(method, path, asked) {
    const answer = await this.#answer(method, path, asked)
    this.dispatchEvent(new Event(NOBODY_THERE.has(answer.status) ? 'unreachable' : 'answered'))
    if (answer.ok || answer.status === 304) return answer
    throw problemOf(answer.status, await textOf(answer), answer.headers.get('Retry-After'))
  }

  async #answer(method, path, { body, headers, signal, patience }) {
    const late = new AbortController()
    const timer = method === 'GET' ? setTimeout(() => late.abort(), patience) : null // an order may take its time
    const request = { method, body, signal: eitherOf(signal, late.signal), headers: { ...this.headers(), ...headers } }
    try {
      return await this.#fetch(this.url(path), request)
    } catch (error) {
      if (signal?.aborted) throw error
      this.dispatchEvent(new Event('unreachable'))
      throw noAnswer()
    } finally {
      clearTimeout(timer)
    }
  }
}

/** signal: or undefined. Browsers without `any` wait as long as they like. */
function eitherOf(signal, late) {
  return signal === undefined ? late : (AbortSignal.any?.([signal, late]) ?? signal)
}

function mayBeRepeated(problem, harmless) {
  if ((problem.retryAfter ?? 0) > LONGEST_WAIT_S) return false
  if (problem.code === 'rate_limited') return true
  return harmless && (problem.status === 0 || AGAIN.has(problem.status))
}

function encoded(body, headers) {
  if (body === undefined || body instanceof FormData || body instanceof Blob) return { body, headers }
  return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } }
}

async function textOf(answer) {
  try {
    return await answer.text()
  } catch {
    return ''
  }
}
