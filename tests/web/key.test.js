// The API key: kept for the tab or on the device, forgotten, and asked for by one prompt.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canBeSent, KeyRing } from '../../serve_app/web/app/key.js'

class Kept extends Map {
  getItem(name) {
    return this.get(name) ?? null
  }

  setItem(name, value) {
    this.set(name, value)
  }

  removeItem(name) {
    this.delete(name)
  }
}

test('it is kept for the tab, and on the device only where that is wanted', () => {
  const session = new Kept()
  const lasting = new Kept()
  const keys = new KeyRing({ session, lasting })
  keys.give('one')
  assert.deepEqual([session.size, lasting.size], [1, 0])
  assert.equal(new KeyRing({ session, lasting }).current, 'one')
  assert.equal(new KeyRing({ session: new Kept(), lasting }).current, null)
  keys.give('two', true)
  assert.equal(new KeyRing({ session: new Kept(), lasting }).current, 'two')
  keys.give('three')
  assert.equal(lasting.size, 0)
})

test('what no request can carry is no key, wherever it comes from', () => {
  assert.deepEqual(['gn_A-b_9', 'ключ', 'a\u200bb', 'a\nb', '“a”', ''].map(canBeSent), [true, ...Array(5).fill(false)])
  const lasting = new Kept()
  lasting.setItem('gnosis-ocr.key', 'ключ')
  assert.equal(new KeyRing({ session: new Kept(), lasting }).current, null)
})

test('it is forgotten everywhere', () => {
  const session = new Kept()
  const lasting = new Kept()
  const keys = new KeyRing({ session, lasting })
  keys.give('one', true)
  keys.forget()
  assert.deepEqual([keys.current, session.size, lasting.size], [null, 0, 0])
})

test('where storage is forbidden it is known until the page is left', () => {
  const forbidden = {
    getItem() {
      throw new Error('SecurityError')
    },
    setItem() {
      throw new Error('QuotaExceededError')
    },
    removeItem() {
      throw new Error('SecurityError')
    },
  }
  const keys = new KeyRing({ session: forbidden, lasting: null })
  keys.give('one')
  assert.equal(keys.current, 'one')
})

test('all who need one wait for the same prompt', async () => {
  const keys = new KeyRing({ session: null, lasting: null })
  const waiting = [keys.ask(), keys.ask({ refused: true })]
  assert.deepEqual(keys.asking, { refused: true })
  keys.give('one')
  assert.deepEqual(await Promise.all(waiting), [true, true])
  assert.equal(keys.asking, null)
})

test('who left waits no longer, and the prompt goes with the last of them', async () => {
  const keys = new KeyRing({ session: null, lasting: null })
  const left = new AbortController()
  const asked = keys.ask({ signal: left.signal })
  left.abort()
  assert.equal(await asked, false)
  assert.equal(keys.asking, null)
  assert.equal(await keys.ask({ signal: left.signal }), false)
})

test('a refused key is dropped with the prompt', () => {
  const keys = new KeyRing({ session: new Kept(), lasting: new Kept() })
  keys.give('old', true)
  keys.ask({ refused: true })
  keys.dismiss()
  assert.equal(keys.current, null)
})

test('once closed without a key it opens only when it is wanted', async () => {
  const keys = new KeyRing({ session: null, lasting: null })
  const asked = keys.ask()
  keys.dismiss()
  assert.equal(await asked, false)
  assert.equal(await keys.ask(), false)
  const wanted = keys.open()
  assert.notEqual(keys.asking, null)
  keys.give('one')
  assert.equal(await wanted, true)
  assert.equal(keys.dismissed, false)
})
