// Figures of the last few minutes, kept while somebody looks at them; and the line that draws them.

export class Samples {
  // most: how many are kept; the oldest go first.
  constructor(most) {
    this.most = most
    this.kept = []
  }

  // figures: an object of numbers by name; null where there is none yet. Answers what is kept, oldest first.
  add(figures) {
    this.kept = [...this.kept, figures].slice(-this.most)
    return this.kept
  }
}

// The figures of one name, oldest first.
export function series(samples, name) {
  return samples.map((sample) => sample[name] ?? null)
}

// What a line says in words: least, most and last of its numbers; null where there is none.
export function extent(values) {
  const numbers = values.filter((value) => value !== null)
  if (!numbers.length) return null
  return { least: Math.min(...numbers), most: Math.max(...numbers), last: numbers[numbers.length - 1] }
}

// The line as an SVG path in a box of width × height: the newest value at the right, `most` values across, zero at the
// bottom, `top` (or the highest value, if higher) at the top. It breaks where there is no number.
export function linePath(values, { width, height, most, top = 0 }) {
  const highest = Math.max(top, extent(values)?.most ?? 0) || 1
  const step = width / Math.max(1, most - 1)
  const start = width - step * (values.length - 1)
  let path = ''
  let drawing = false
  values.forEach((value, number) => {
    const point = `${round(start + step * number)} ${round(height * (1 - value / highest))}`
    if (value !== null) path += `${drawing ? 'L' : 'M'}${point}`
    drawing = value !== null
  })
  return path
}

function round(number) {
  return Math.round(number * 100) / 100
}
