// Work of which only so much goes on at once. The newest goes first: that is what is being looked at.

export class Turns {
  #running = 0
  #waiting = []

  constructor(most) {
    this.most = most
  }

  /** work: begun when its turn comes, unless the signal was aborted by then. */
  async take(signal, work) {
    if (this.#running < this.most) this.#running += 1
    else await new Promise((turn) => this.#waiting.push(turn))
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.pop()
      if (next) next()
      else this.#running -= 1
    }
  }
}
