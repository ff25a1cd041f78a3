// The list of recent jobs: what is kept and what is gone, how a job's state is told, sizes and times in words.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeJobs, stateOf, summaryOf, unfinished } from '../../serve_app/web/app/job_summary.js'
import { agoText, sizeText } from '../../serve_app/web/app/sizes.js'

const job = (id, more = {}) => ({ job_id: id, status: 'completed', total_pages: 3, ...more })
const ids = (jobs) => jobs.map(({ job_id }) => job_id).join('')

test('what the server lists replaces what was kept, the newest first', () => {
  const merged = mergeJobs([job('a', { percent: 1 })], [job('b'), job('a', { percent: 2 })], { from: 'b', whole: true })
  assert.deepEqual(merged.map(({ job_id, percent }) => [job_id, percent]), [['b', undefined], ['a', 2]])
})

test('a job that the list should have is gone; older and newer ones stay', () => {
  const kept = [job('f'), job('d'), job('c'), job('a')]
  assert.equal(ids(mergeJobs(kept, [job('e'), job('c'), job('b')], { from: 'd', whole: false })), 'fecba')
})

test('a list to the end of all leaves nothing else', () => {
  assert.equal(ids(mergeJobs([job('c'), job('a')], [job('b')], { from: 'c', whole: true })), 'b')
  assert.equal(ids(mergeJobs([job('c'), job('a')], [], { from: 'c', whole: true })), '')
  assert.equal(ids(mergeJobs([job('c')], [], { from: 'b', whole: true })), 'c', 'it came after the question')
})

test('nothing is concluded from a page of older ones', () => {
  assert.equal(ids(mergeJobs([job('c'), job('b')], [job('a')], { from: null, whole: false })), 'cba')
})

test('a record becomes what the list shows', () => {
  const record = {
    job_id: 'a', file_info: { filename: 'x.pdf', total_pages: 4 }, status: 'processing', current_step: 'ocr_processing',
    percent: 50, pages_extracted: 4, pages_completed: 1, pages_failed: 1, error: null,
    created_at: '2026-01-01T00:00:00Z',
    pages: { 1: {} }, user_email: 'anna@example.org',
  }
  const summary = summaryOf(record)
  assert.equal(summary.filename, 'x.pdf')
  assert.ok(!('pages' in summary) && !('user_email' in summary))
  assert.equal(stateOf(summary), 'Reading: 2 of 4 pages')
  assert.ok(unfinished(summary))
})

test('every state has its words', () => {
  const told = {
    queued: 'Waiting', extracting: 'Drawing: 2 of 3 pages', processing: 'Reading: 1 of 3 pages', completed: '3 pages',
    partial: '1 of 3 pages could not be read', failed: 'Failed', cancelled: 'Cancelled after 0 pages',
  }
  for (const [status, words] of Object.entries(told)) {
    const failed = status === 'partial' || status === 'processing' ? 1 : 0
    assert.equal(stateOf(job('a', { status, pages_extracted: 2, pages_completed: 0, pages_failed: failed })), words)
  }
  assert.equal(stateOf(job('a', { status: 'processing', step: 'assembling' })), 'Putting the results together')
  assert.equal(stateOf(job('a', { total_pages: 1 })), '1 page')
  assert.equal(stateOf(job('a', { total_pages: 2000 })), '2,000 pages')
  assert.equal(stateOf(job('a', { status: 'extracting', total_pages: 0 })), 'Opening')
})

test('sizes as people read them', () => {
  const sizes = [0, 1, 1024, 900 << 10, 5 << 20, 5.25 * (1 << 20), 500 << 20]
  assert.deepEqual(sizes.map(sizeText), ['0 KB', '1 KB', '1 KB', '900 KB', '5 MB', '5.3 MB', '500 MB'])
})

test('times as people tell them', () => {
  const now = Date.parse('2026-03-10T12:00:00Z')
  const times = ['2026-03-10T12:00:30Z', '2026-03-10T11:59:40Z', '2026-03-10T11:55:00Z', '2026-03-10T09:00:00Z',
    '2026-03-09T12:00:00Z']
  assert.deepEqual(
    times.map((time) => agoText(time, now)),
    ['just now', 'just now', '5 minutes ago', '3 hours ago', 'yesterday'],
  )
  assert.match(agoText('2025-01-01T12:00:00Z', now), /2025/)
})
