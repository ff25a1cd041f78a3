// The arithmetic of a long list of which only what is in view is drawn: heights estimated, and corrected by measuring.
//
// Rows are of a few kinds (a page that waits is low, one that was read is high), and a row that was never drawn is
// taken to be as high as the mean of the first of its kind that were: of the first alone, so that rows far away do not
// move all the time. What was measured of a row counts while the row is of the same kind.

const MEAN_OF = 12

export class RowHeights {
  #count = 0
  #measured = new Map()
  #means = new Map()
  #tops = null

  // kindOf: the kind of a row. estimates: by kind, in pixels, until rows of it were measured.
  constructor(kindOf, estimates) {
    this.kindOf = kindOf
    this.estimates = estimates
  }

  get count() {
    return this.#count
  }

  // There are so many rows now, and their kinds may have changed.
  refresh(count) {
    this.#count = count
    this.#tops = null
  }

  height(row) {
    const kind = this.kindOf(row)
    const known = this.#measured.get(row)
    return known?.kind === kind ? known.height : this.#mean(kind)
  }

  // False where nothing changes by it.
  measure(row, height) {
    if (row >= this.#count) return false
    const kind = this.kindOf(row)
    const known = this.#measured.get(row)
    if (known?.kind === kind && known.height === height) return false
    this.#learn(kind, known?.kind === kind ? known.height : null, height)
    this.#measured.set(row, { kind, height })
    this.#tops = null
    return true
  }

  // All anew, as after the window's width has changed.
  forget() {
    this.#measured.clear()
    this.#means.clear()
    this.#tops = null
  }

  top(row) {
    return this.#sums()[Math.max(0, Math.min(row, this.#count))]
  }

  get total() {
    return this.top(this.#count)
  }

  // The row at a place: the first one above all rows, the last one below.
  at(y) {
    const tops = this.#sums()
    let low = 0
    let high = Math.max(0, this.#count - 1)
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (tops[middle] <= y) low = middle
      else high = middle - 1
    }
    return low
  }

  // The rows to draw, `last` exclusive, so that nothing is missing from top to bottom and `beside` pixels around.
  window(top, bottom, beside) {
    if (!this.#count) return { first: 0, last: 0 }
    return { first: this.at(top - beside), last: this.at(bottom + beside) + 1 }
  }

  #mean(kind) {
    const seen = this.#means.get(kind)
    return seen?.rows ? seen.sum / seen.rows : this.estimates[kind]
  }

  #learn(kind, before, height) {
    const seen = this.#means.get(kind) ?? { rows: 0, sum: 0 }
    if (seen.rows >= MEAN_OF) return
    const rows = before === null ? seen.rows + 1 : seen.rows
    this.#means.set(kind, { rows, sum: seen.sum + height - (before ?? 0) })
  }

  #sums() {
    if (this.#tops) return this.#tops
    const tops = new Float64Array(this.#count + 1)
    for (let row = 0; row < this.#count; row += 1) tops[row + 1] = tops[row] + this.height(row)
    this.#tops = tops
    return tops
  }
}
