// Finding words in pages that are at hand, that are fetched, and that come while it searches.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countHits, nextHit, patternOf, TextSearch } from '../../serve_app/web/app/text_search.js'

test('letters of any case, any white space, and no pattern of the person’s own', () => {
  assert.equal(countHits('Ada Lovelace, ADA\nLOVELACE; ada  lovelace', patternOf(' ada  lovelace ')), 3)
  assert.equal(countHits('a.b a+b axb', patternOf('a.b')), 1)
  assert.equal(countHits('Straße GRÜSSE grüsse', patternOf('grüsse')), 2)
  assert.equal(patternOf('   '), null)
  for (const odd of ['(', '[', '\\', '*', '}{', '$^|']) assert.equal(countHits(`x${odd}x`, patternOf(odd)), 1, odd)
})

test('the way from hit to hit, around both ends', () => {
  const found = [{ page: 2, hits: 2 }, { page: 5, hits: 1 }]
  const way = [[2, 0], [2, 1], [5, 0]].map(([page, index]) => ({ page, index }))
  way.forEach((hit, at) => {
    assert.deepEqual(nextHit(found, hit, 1), way[(at + 1) % 3])
    assert.deepEqual(nextHit(found, hit, -1), way[(at + 2) % 3])
  })
  assert.deepEqual(nextHit(found, null, 1), way[0])
  assert.deepEqual(nextHit(found, null, -1), way[2])
  assert.deepEqual(nextHit(found, { page: 4, index: 0 }, 1), way[0])
  assert.equal(nextHit([], null, 1), null)
})

function search(texts) {
  const asked = []
  let settle
  const searching = new TextSearch({
    textOf: async (page) => {
      asked.push(page)
      if (texts[page] === undefined) throw new Error('gone')
      return texts[page]
    },
    onChange: () => !searching.busy && settle?.(),
  })
  const ended = () => new Promise((done) => (settle = done))
  return { searching, asked, ended }
}

test('pages with hits, in order, however they come', async () => {
  const { searching, asked, ended } = search({ 1: 'cat', 2: 'dog', 3: 'Cat and cat', 4: 'cat' })
  const first = ended()
  searching.start('cat', [1, 2, 3])
  await first
  assert.deepEqual(searching.found, [{ page: 1, hits: 1 }, { page: 3, hits: 2 }])
  const more = ended()
  searching.extend([1, 2, 3, 4])
  await more
  assert.deepEqual(searching.found.map(({ page }) => page), [1, 3, 4])
  assert.deepEqual(asked.toSorted(), [1, 2, 3, 4])
})

test('a page whose text can not be had is counted as such, once', async () => {
  const { searching, asked, ended } = search({ 1: 'cat' })
  const first = ended()
  searching.start('cat', [1, 2])
  await first
  searching.extend([1, 2])
  assert.deepEqual([searching.searched, searching.missed, searching.busy], [1, 1, false])
  assert.equal(asked.length, 2)
})

test('another query forgets the one before, also while that goes on', async () => {
  const { searching, ended } = search({ 1: 'cat', 2: 'dog' })
  searching.start('cat', [1, 2])
  const second = ended()
  searching.start('dog', [1, 2])
  await second
  if (searching.busy) await ended()
  assert.deepEqual(searching.found, [{ page: 2, hits: 1 }])
})
