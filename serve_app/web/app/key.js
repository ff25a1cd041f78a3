// The API key: where it is kept, and who is asked for it when the server does not take the one that it got.
//
// It is kept for as long as the tab is open, or on this device where the person wants that. Everybody who needs a key
// at the same time waits for the same prompt; once the person has closed it without one, it comes back only when asked
// for. Event: `change`, when the key changes or the prompt opens or closes.

const NAME = 'gnosis-ocr.key'
const SENDABLE = /^[\x20-\x7e]+$/

/** Whether a request can carry it: one with other letters would never leave, and look as if no server answered. */
export function canBeSent(key) {
  return SENDABLE.test(key)
}

export class KeyRing extends EventTarget {
  #session
  #lasting
  #current
  #lasts
  #waiting = []
  #refused = false
  #dismissed = false

  /** session, lasting: storage as browsers have it, or null where it is forbidden. */
  constructor({ session, lasting }) {
    super()
    this.#session = session
    this.#lasting = lasting
    this.#current = read(session) ?? read(lasting)
    this.#lasts = this.#current === read(lasting)
  }

  get current() {
    return this.#current
  }

  /** Whether the key is kept on this device, or there is none: what was fetched with it may be kept there, too. */
  get lasts() {
    return this.#lasts
  }

  /** null, or that a key is asked for, and whether there was one that the server did not take. */
  get asking() {
    return this.#waiting.length === 0 ? null : { refused: this.#refused }
  }

  /** Whether the person closed the prompt without a key, and has given none since. */
  get dismissed() {
    return this.#dismissed
  }

  /** The prompt, because the person wants it. Whether a key was given. */
  open() {
    this.#dismissed = false
    return this.ask()
  }

  /** Whether a key was given. refused: the one in use is not taken (any more). */
  ask({ refused = false, signal } = {}) {
    return new Promise((resolve) => {
      if (signal?.aborted || this.#dismissed) {
        resolve(false)
        return
      }
      this.#refused = refused
      this.#waiting.push(resolve)
      signal?.addEventListener('abort', () => this.#leave(resolve), { once: true })
      this.#changed()
    })
  }

  /** remember: keep it on this device. */
  give(key, remember = false) {
    this.#dismissed = false
    this.#keep(key, remember)
    this.#close(true)
  }

  /** The person gives no key; one that was refused is of no more use. */
  dismiss() {
    if (this.#refused) this.#keep(null, false)
    this.#dismissed = true
    this.#close(false)
  }

  forget() {
    this.#keep(null, false)
    this.#changed()
  }

  #keep(key, remember) {
    this.#current = key
    this.#lasts = key === null || remember
    write(this.#session, key)
    write(this.#lasting, remember ? key : null)
  }

  #leave(resolve) {
    if (!this.#waiting.includes(resolve)) return
    this.#waiting = this.#waiting.filter((each) => each !== resolve)
    resolve(false)
    this.#changed()
  }

  #close(given) {
    const waiting = this.#waiting
    this.#waiting = []
    this.#changed()
    for (const resolve of waiting) resolve(given)
  }

  #changed() {
    this.dispatchEvent(new Event('change'))
  }
}

function read(storage) {
  try {
    const key = storage?.getItem(NAME) ?? null
    return key !== null && canBeSent(key) ? key : null
  } catch {
    return null
  }
}

function write(storage, key) {
  try {
    if (key === null) storage?.removeItem(NAME)
    else storage?.setItem(NAME, key)
  } catch {
    // Storage is full or forbidden: the key is known until the page is left.
  }
}
