// The arithmetic of the long list.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RowHeights } from '../../serve_app/web/app/row_heights.js'

function heights(kinds) {
  const made = new RowHeights((row) => kinds[row], { read: 900, other: 100 })
  made.refresh(kinds.length)
  return made
}

test('rows that were never drawn are as high as their kind is thought to be', () => {
  const rows = heights(['read', 'other', 'read'])
  assert.deepEqual([rows.top(0), rows.top(1), rows.top(2), rows.total], [0, 900, 1000, 1900])
})

test('measured rows correct the others of their kind, and those alone', () => {
  const rows = heights(['read', 'read', 'other', 'read'])
  assert.equal(rows.measure(0, 700), true)
  assert.equal(rows.measure(0, 700), false)
  assert.equal(rows.total, 700 + 700 + 100 + 700)
  rows.measure(1, 500)
  assert.equal(rows.top(3), 700 + 500 + 100)
  assert.equal(rows.height(3), 600)
})

test('what is thought of rows far away does not change for ever', () => {
  const rows = heights(Array(100).fill('read'))
  for (let row = 0; row < 12; row += 1) rows.measure(row, 500)
  const far = rows.top(90)
  rows.measure(50, 1700)
  assert.equal(rows.top(90), far + 1200)
  assert.equal(rows.height(99), 500)
})

test('a page that has been read since is no longer as low as it was', () => {
  const kinds = ['other', 'other']
  const rows = heights(kinds)
  rows.measure(0, 80)
  kinds[0] = 'read'
  rows.refresh(2)
  assert.equal(rows.height(0), 900)
  rows.measure(0, 640)
  assert.equal(rows.total, 640 + 80)
})

test('which row is at a place, and which are to be drawn', () => {
  const rows = heights(Array(2000).fill('read'))
  assert.equal(rows.at(-50), 0)
  assert.equal(rows.at(0), 0)
  assert.equal(rows.at(899), 0)
  assert.equal(rows.at(900), 1)
  assert.equal(rows.at(1e9), 1999)
  assert.deepEqual(rows.window(9000, 9800, 450), { first: 9, last: 12 })
  assert.deepEqual(rows.window(-500, 300, 100), { first: 0, last: 1 })
})

test('no rows at all', () => {
  const rows = heights([])
  assert.deepEqual([rows.total, rows.at(10)], [0, 0])
  assert.deepEqual(rows.window(0, 1000, 500), { first: 0, last: 0 })
  assert.equal(rows.measure(0, 10), false)
})

test('another width: everything is measured anew', () => {
  const rows = heights(['read', 'read'])
  rows.measure(0, 700)
  rows.forget()
  assert.equal(rows.total, 1800)
})
