import assert from 'node:assert/strict'
import { test } from 'node:test'

import { batchFill, count, figuresOf, megabytes, percent, replicas, span } from '../../serve_app/web/app/cluster_figures.js'

const SUMMARY = {
  queue: { jobs_live: 3, jobs_waiting: 1, pages_waiting: 21, pages_in_flight: 16 },
  done: { pages_a_minute: 90, pages_completed: 1000, pages_failed: 10 },
  pools: [
    { engine: 'rapidocr', batches: 30, batch_fill: 0.9 },
    { engine: 'null', batches: 10, batch_fill: 0.1 },
    { engine: 'idle', batches: 0, batch_fill: null },
  ],
  memory: [
    { kind: 'JobHost', processes: 1, memory_mb: 80.5 },
    { kind: 'OCRActor', processes: 2, memory_mb: 900 },
  ],
}

test('the numbers that are drawn', () => {
  assert.deepEqual(figuresOf(SUMMARY), {
    pagesAMinute: 90,
    pagesWaiting: 21,
    pagesInFlight: 16,
    batchFill: 0.7,
    pagesFailed: 10,
    memoryMb: 980.5,
  })
})

test('before the first batch there is no fill', () => {
  assert.equal(batchFill([{ batches: 0, batch_fill: null }]), null)
  assert.equal(batchFill([]), null)
})

test('numbers for people', () => {
  assert.equal(count(12345), '12,345')
  assert.equal(count(null), '–')
  assert.equal(percent(0.704), '70 %')
  assert.equal(percent(null), '–')
  assert.equal(megabytes(80.5), '81 MB')
  assert.equal(megabytes(1630), '1.6 GB')
  assert.equal(replicas({ running: 1, least: 1, most: 1 }), '1 of 1')
  assert.equal(replicas({ running: 0, least: 0, most: 4 }), '0 (0 to 4)')
  assert.equal(span(1, 2), '0 seconds')
  assert.equal(span(31, 2), '60 seconds')
  assert.equal(span(150, 2), '5 minutes')
})
