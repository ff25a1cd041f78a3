// What is said of a job and its pages, and under which name a result is saved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORMATS, savedName, whyNot } from '../../serve_app/web/app/formats.js'
import { LruMap } from '../../serve_app/web/app/lru_map.js'
import { confidenceText, counted, reasonTexts } from '../../serve_app/web/app/reading_notes.js'

test('reasons in sentences', () => {
  assert.deepEqual(reasonTexts(null), [])
  assert.deepEqual(reasonTexts('rapidocr: engine_timeout, Reading the page took too long.; the page is blank'), [
    'rapidocr gave this page up (Reading the page took too long); another engine read it.',
    'The page is blank.',
  ])
  assert.deepEqual(reasonTexts('layout: it took longer than 20 s, lines in plain order'), [
    "The page's layout could not be told: it took longer than 20 s, lines in plain order.",
  ])
  assert.equal(counted(1, 'page'), '1 page')
  assert.equal(counted(2000, 'page'), '2,000 pages')
  assert.equal(confidenceText(0.999), '99 % sure')
  assert.equal(confidenceText(null), '')
})

test('a format is there, or it says why not', () => {
  const record = { status: 'partial', outputs: { md: 'x.md' }, outputs_missing: { pdf: 'Page 3 has no boxes.' } }
  const why = Object.fromEntries(FORMATS.map(({ name }) => [name, whyNot(record, name)]))
  assert.equal(why.md, '')
  assert.equal(why.zip, '')
  assert.equal(why.pdf, 'Page 3 has no boxes.')
  assert.match(why.alto, /did not make/)
  assert.match(whyNot({ ...record, status: 'processing' }, 'md'), /when the job has ended/)
  assert.match(whyNot({ ...record, status: 'failed' }, 'md'), /failed/)
})

test('the name of a saved file is the server’s', () => {
  assert.equal(savedName(`inline; filename="a_.md"; filename*=UTF-8''%C3%A4.md`, 'x'), 'ä.md')
  assert.equal(savedName('inline; filename="plain.txt"', 'x'), 'plain.txt')
  assert.equal(savedName(`inline; filename*=UTF-8''%FF`, 'x'), 'x')
  assert.equal(savedName(null, 'x'), 'x')
})

test('what was not asked for longest is dropped, and told', () => {
  const dropped = []
  const kept = new LruMap(3, (value) => dropped.push(value))
  for (const key of ['a', 'b', 'c']) kept.set(key, key.toUpperCase())
  kept.get('a')
  kept.set('d', 'D')
  assert.deepEqual(dropped, ['B'])
  kept.set('big', 'BIG', 10)
  assert.deepEqual([kept.size, kept.get('big')], [1, 'BIG'])
  kept.set('big', 'NEW')
  kept.clear()
  assert.deepEqual(dropped, ['B', 'C', 'A', 'D', 'BIG', 'NEW'])
  assert.deepEqual([kept.size, kept.weight], [0, 0])
})
