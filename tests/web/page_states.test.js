// What is known of pages, told from three sides in any order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePages, spellPages } from '../../serve_app/web/app/page_set.js'
import { PageStates } from '../../serve_app/web/app/page_states.js'

function record(changes = {}) {
  return { run: 1, options: { pages: null }, file_info: { total_pages: 4 }, ...changes }
}

test('sets of pages, read and written', () => {
  assert.deepEqual(parsePages('1-3, 7'), [1, 2, 3, 7])
  assert.deepEqual(parsePages('2-9', 4), [2, 3, 4])
  assert.equal(spellPages([1, 2, 3, 7, 9, 10]), '1-3,7,9-10')
  assert.equal(spellPages([]), '')
  for (const wrong of ['', 'x', '3-1', '2,2', '0', '1,,2', '1-2-3', '-4']) assert.equal(parsePages(wrong), null, wrong)
})

test('the pages are those that are asked for, once the document is opened', () => {
  const pages = new PageStates()
  pages.learn(record({ file_info: { total_pages: 0 } }))
  assert.deepEqual(pages.numbers, [])
  pages.learn(record({ options: { pages: '2-3,9' } }))
  assert.deepEqual(pages.numbers, [2, 3])
  pages.learn(record({ pages: { 2: { status: 'completed' }, 3: { status: 'pending' }, 10: { status: 'failed' } } }))
  assert.deepEqual(pages.numbers, [2, 3, 10])
  assert.deepEqual([pages.completed, pages.failed, pages.ended], [1, 1, 2])
  assert.equal(pages.lastEventId, '1:2,10')
})

test('an event is ahead of the record, which does not take it back', () => {
  const pages = new PageStates()
  pages.learn(record())
  pages.deliver({ page: 2, status: 'completed', text: 'two' })
  pages.learn(record({ pages: { 1: { status: 'processing' }, 2: { status: 'processing' } } }))
  assert.equal(pages.state(2).status, 'completed')
  assert.equal(pages.state(1).status, 'processing')
  assert.equal(pages.texts.get(2), 'two')
  pages.deliver({ page: 2, status: 'completed', text: 'two' })
  assert.equal(pages.completed, 1)
})

test('a retry: what failed waits anew, what was read stays, an older record changes nothing', () => {
  const pages = new PageStates()
  pages.learn(record())
  pages.deliver({ page: 1, status: 'completed', text: 'one' })
  pages.deliver({ page: 2, status: 'failed', text: null, error: { code: 'engine_failed', message: 'It broke.' } })
  assert.equal(pages.state(2).error.code, 'engine_failed')
  pages.learn(record({ run: 2 }))
  assert.deepEqual([pages.state(1).status, pages.state(2).status], ['completed', 'pending'])
  pages.learn(record({ run: 1, pages: { 1: { status: 'completed' }, 2: { status: 'failed' } } }))
  assert.equal(pages.state(2).status, 'pending')
  assert.equal(pages.failed, 0)
  assert.equal(pages.lastEventId, '2:1')
})

test('texts are kept up to a bound; how pages stand is kept of all', () => {
  const pages = new PageStates(100)
  pages.learn(record({ file_info: { total_pages: 2000 } }))
  for (let page = 1; page <= 2000; page += 1) pages.deliver({ page, status: 'completed', text: 'x'.repeat(29) })
  assert.equal(pages.completed, 2000)
  assert.equal(pages.texts.size, 3)
  assert.equal(pages.texts.get(2000).length, 29)
  assert.equal(pages.lastEventId, '1:1-2000')
})
