import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Samples, extent, linePath, series } from '../../serve_app/web/app/samples.js'

const BOX = { width: 100, height: 20, most: 5 }

test('the oldest go once there are too many', () => {
  const samples = new Samples(3)
  for (const pages of [1, 2, 3, 4]) samples.add({ pages })
  assert.deepEqual(series(samples.kept, 'pages'), [2, 3, 4])
})

test('what is kept is never changed afterwards, so that who drew it may compare', () => {
  const samples = new Samples(3)
  const before = samples.add({ pages: 1 })
  samples.add({ pages: 2 })
  assert.deepEqual(before, [{ pages: 1 }])
})

test('a figure that is missing is no number, and not nought', () => {
  assert.deepEqual(series([{ fill: null }, {}, { fill: 0 }], 'fill'), [null, null, 0])
  assert.equal(extent([null, null]), null)
  assert.deepEqual(extent([null, 3, 1, null]), { least: 1, most: 3, last: 1 })
})

test('the newest value stands at the right, whatever there is before it', () => {
  assert.equal(linePath([5], BOX), 'M100 0')
  assert.equal(linePath([0, 10], BOX), 'M75 20L100 0')
  assert.equal(linePath([0, 1, 2, 3, 4], BOX), 'M0 20L25 15L50 10L75 5L100 0')
})

test('the line breaks where there is no number', () => {
  assert.equal(linePath([4, null, 2, 4], BOX), 'M25 0M75 10L100 0')
  assert.equal(linePath([], BOX), '')
  assert.equal(linePath([null], BOX), '')
})

test('nothing but nought lies at the bottom', () => {
  assert.equal(linePath([0, 0], BOX), 'M75 20L100 20')
})

test('a top is kept to until something is higher', () => {
  assert.equal(linePath([1], { ...BOX, top: 2 }), 'M100 10')
  assert.equal(linePath([4], { ...BOX, top: 2 }), 'M100 0')
})
