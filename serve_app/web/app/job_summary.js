// What a list shows of a job, and how lists of jobs are put together. Job ids rise with time.

import { counted } from './reading_notes.js'

const ENDED = new Set(['completed', 'partial', 'failed', 'cancelled'])

/** Of a record, with or without its pages: what is kept of it. */
export function summaryOf(record) {
  return {
    job_id: record.job_id,
    filename: record.file_info.filename,
    total_pages: record.file_info.total_pages,
    status: record.status,
    step: record.current_step,
    percent: record.percent,
    pages_extracted: record.pages_extracted,
    pages_completed: record.pages_completed,
    pages_failed: record.pages_failed,
    created_at: record.created_at,
    error: record.error,
  }
}

/** job: a record, or what a list shows of it. */
export function unfinished(job) {
  return !ENDED.has(job.status)
}

/**
 * The kept jobs and those that the server listed, each once, the newest first. A kept job that the list should have
 * and has not is gone.
 *
 * @param {string|null} range.from the newest job known when the list was asked for: what is newer came meanwhile;
 *   null where nothing may be concluded from a job's absence
 * @param {boolean} range.whole the list goes to the oldest job of all
 */
export function mergeJobs(kept, listed, { from, whole }) {
  const byId = new Map(listed.map((job) => [job.job_id, job]))
  const oldest = listed.at(-1)?.job_id ?? ''
  for (const job of kept) {
    const covered = from !== null && job.job_id <= from && (whole || (listed.length > 0 && job.job_id >= oldest))
    if (!byId.has(job.job_id) && !covered) byId.set(job.job_id, job)
  }
  return [...byId.values()].sort((one, other) => (one.job_id < other.job_id ? 1 : -1))
}

/** How far it is, in words: `Reading: 3 of 10 pages`. */
export function stateOf(job) {
  const pages = counted(job.total_pages, 'page')
  switch (job.status) {
    case 'queued':
      return 'Waiting'
    case 'extracting':
      return job.total_pages ? `Drawing: ${job.pages_extracted} of ${pages}` : 'Opening'
    case 'processing':
      return job.step === 'assembling' ? 'Putting the results together' : `Reading: ${readOf(job)} of ${pages}`
    case 'completed':
      return pages
    case 'partial':
      return `${job.pages_failed} of ${pages} could not be read`
    case 'failed':
      return 'Failed'
    case 'cancelled':
      return `Cancelled after ${counted(job.pages_completed, 'page')}`
    default:
      return job.status
  }
}

function readOf(job) {
  return job.pages_completed + job.pages_failed
}
