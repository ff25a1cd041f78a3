// What becomes of an upload that was not taken: asked again with another key, tried again, or refused for good.

const PASSING = new Set([
  ...['no_answer', 'rate_limited', 'too_many_jobs', 'overloaded', 'storage_unavailable'],
  ...['upload_offset_mismatch', 'upload_incomplete'],
])
const ANEW = new Set(['upload_not_found', 'upload_expired', 'idempotency_conflict'])
const GATEWAYS = new Set([502, 503, 504])
const MOST_TRIES = 5

const OF_THE_FILE = new Set(['file_empty', 'file_too_large', 'media_type_unsupported', 'file_unreadable'])

/** Whether sending the same file once more could end otherwise. */
export function worthTrying({ code }) {
  return !OF_THE_FILE.has(code)
}

/**
 * @param {import('./problem.js').Problem} problem
 * @param {number} tries without a byte of progress, this one with it
 * @returns {'ask'|'again'|'refused'}
 */
export function whatNext(problem, tries) {
  if (problem.status === 401) return 'ask'
  if (PASSING.has(problem.code) || GATEWAYS.has(problem.status)) return 'again'
  if (ANEW.has(problem.code) || problem.status >= 500) return tries < MOST_TRIES ? 'again' : 'refused'
  return 'refused'
}
