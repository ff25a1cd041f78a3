// What the cluster view shows of /api/metrics/summary: the few numbers that are drawn over time, and their wording.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

const NONE = '–'

// The numbers of one moment that are kept.
export function figuresOf(summary) {
  return {
    pagesAMinute: summary.done.pages_a_minute,
    pagesWaiting: summary.queue.pages_waiting,
    pagesInFlight: summary.queue.pages_in_flight,
    batchFill: batchFill(summary.pools),
    pagesFailed: summary.done.pages_failed,
    memoryMb: summary.memory.reduce((sum, kind) => sum + kind.memory_mb, 0),
  }
}

// Over all pools, each batch counting the same; null before the first batch.
export function batchFill(pools) {
  const read = pools.filter((pool) => pool.batch_fill !== null)
  const batches = read.reduce((sum, pool) => sum + pool.batches, 0)
  return batches ? read.reduce((sum, pool) => sum + pool.batch_fill * pool.batches, 0) / batches : null
}

export function count(number) {
  return number === null || number === undefined ? NONE : whole.format(number)
}

// share: of 1.
export function percent(share) {
  return share === null || share === undefined ? NONE : `${whole.format(share * 100)} %`
}

export function megabytes(number) {
  if (number === null || number === undefined) return NONE
  return number >= 1000 ? `${exact.format(number / 1000)} GB` : `${whole.format(number)} MB`
}

export function replicas({ running, least, most }) {
  return least === most ? `${running} of ${most}` : `${running} (${least} to ${most})`
}

// How long `samples` moments `everySeconds` apart have taken, for people.
export function span(samples, everySeconds) {
  const seconds = Math.max(0, samples - 1) * everySeconds
  if (seconds < 90) return seconds === 1 ? 'second' : `${seconds} seconds`
  return `${whole.format(seconds / 60)} minutes`
}
