// Text and places of a page that belong together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageParts, pieces } from '../../serve_app/web/app/page_parts.js'

const line = (text, bbox, quad = null) => ({ text, bbox, confidence: 0.9, quad })
const block = (changes) => ({
  kind: 'paragraph', bbox: [0, 0, 9, 9], lines: [], text: '', markdown: '', level: 0, cells: [], ...changes,
})

test('a paragraph is cut into the shares of its lines, hyphens at their ends gone', () => {
  const cut = pieces('The example is well-known to all.', [
    { text: 'The exam-', place: 4 },
    { text: 'ple is well-', place: 5 },
    { text: 'known to all.', place: 6 },
  ])
  assert.deepEqual(cut, [
    { text: 'The exam', place: 4 },
    { text: 'ple is well-', place: 5 },
    { text: 'known to all.', place: 6 },
  ])
})

test('whatever is said of the lines, the text is whole', () => {
  const odd = [
    ['Plain text.', ['Something else entirely']],
    ['a b c', []],
    ['one two', ['one', '', 'two', 'three']],
    ['日本語の文章', ['日本', '語の文章']],
    ['𝒳 is a set', ['𝒳 is', 'a set']],
    ['• First item', ['First', 'item']],
  ]
  for (const [text, lines] of odd) {
    const cut = pieces(text, lines.map((each, place) => ({ text: each, place })))
    assert.equal(cut.map((piece) => piece.text).join(''), text)
  }
  const columns = [{ text: '日本', place: 0 }, { text: '語の文章', place: 1 }]
  assert.deepEqual(pieces('日本語の文章', columns).map(({ text }) => text), ['日本', '語の文章'])
})

test('a line that runs otherwise than the page has its own corners', () => {
  const quad = [10, 90, 10, 20, 22, 20, 22, 90]
  const lines = [line('up', [10, 20, 22, 90], quad), line('level', [1, 2, 3, 4])]
  const { places, parts } = pageParts({ lines, blocks: [] })
  assert.deepEqual(places.map(({ corners }) => corners), [quad, [1, 2, 3, 2, 3, 4, 1, 4]])
  assert.deepEqual(parts.map(({ kind }) => kind), ['line', 'line'])
  assert.deepEqual(parts[1].pieces, [{ text: 'level', place: 1 }])
})

test('blocks in reading order, which need not be that of the lines', () => {
  const lines = [line('right', [50, 0, 90, 10]), line('left', [0, 0, 40, 10])]
  const { parts } = pageParts({
    lines,
    blocks: [block({ kind: 'heading', level: 2, lines: [1], text: 'left' }), block({ lines: [0], text: 'right' })],
  })
  assert.deepEqual(
    parts.map(({ kind, level, pieces: [piece] }) => [kind, level, piece.place]),
    [['heading', 2, 1], ['paragraph', 0, 0]],
  )
})

test('cells of a table stand at their line, or at their own box where there are several', () => {
  const lines = [line('A', [0, 0, 10, 10]), line('B one', [20, 0, 40, 5]), line('B two', [20, 5, 40, 10])]
  const cell = (row, column, text, bbox) => ({ row, column, row_span: 1, column_span: 1, text, bbox })
  const several = cell(0, 1, 'B one B two', [18, 0, 42, 10])
  const cells = [several, cell(0, 0, 'A', [0, 0, 12, 10]), cell(2, 0, '', [0, 20, 12, 30])]
  const { places, parts } = pageParts({ lines, blocks: [block({ kind: 'table', lines: [0, 1, 2], cells })] })
  const [first, second, third] = parts[0].rows
  assert.deepEqual(first.map(({ text, place }) => [text, place]), [['A', 0], ['B one B two', 3]])
  assert.deepEqual(places[3].corners, [18, 0, 42, 0, 42, 10, 18, 10])
  assert.deepEqual(second, [])
  assert.deepEqual(third.map(({ place }) => place), [null])
})

test('a table whose cells are not known is its text', () => {
  const blocks = [block({ kind: 'table', lines: [0], text: 'x y' })]
  const { parts } = pageParts({ lines: [line('x y', [0, 0, 1, 1])], blocks })
  assert.equal(parts[0].rows, undefined)
  assert.deepEqual(parts[0].pieces, [{ text: 'x y', place: 0 }])
})
