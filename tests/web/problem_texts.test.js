// Problems in plain words: what is wrong and what to do next, for every code, and for what has none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from '../../serve_app/web/app/problem.js'
import { CODES, explain, inOneLine } from '../../serve_app/web/app/problem_texts.js'

test('every text is two sentences without a code in it', () => {
  for (const code of CODES) {
    const { what, next } = explain({ code })
    for (const text of [what, next]) assert.match(text, /^[A-Z].*\.$/, code)
    assert.doesNotMatch(inOneLine({ code }), /_/, code)
  }
})

test('what the server says stands beside it', () => {
  const told = explain({ code: 'option_invalid', detail: '`pages` is `9-2`.' })
  assert.equal(told.detail, '`pages` is `9-2`.')
  assert.equal(explain({ code: 'document_damaged', message: 'No page.' }).detail, 'No page.')
  assert.equal(explain({ code: 'no_answer' }).detail, '')
})

test('an answer without a code of ours is told by its status', () => {
  assert.match(inOneLine(problemOf(503, 'Service Unavailable', null)), /not ready/)
  assert.match(inOneLine(problemOf(418, '', null)), /went wrong/)
  assert.match(inOneLine({ code: 'constructor', status: 400 }), /went wrong/)
})
