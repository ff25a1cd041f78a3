// Addresses of the page: what each names, and that nothing else is taken for one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobHash, parseRoute } from '../../serve_app/web/app/route.js'

const ID = '01a2185b-7b7f-77e9-a094-ac227090238c'

test('every view has its address', () => {
  assert.deepEqual(['', '#', '#/'].map(parseRoute), Array(3).fill({ name: 'home' }))
  assert.deepEqual(parseRoute('#/cluster'), { name: 'cluster' })
  assert.deepEqual(parseRoute(jobHash(ID)), { name: 'job', id: ID })
  assert.deepEqual(parseRoute(jobHash(ID, 12)), { name: 'job', id: ID, page: 12 })
})

test('anything else is unknown', () => {
  const others = ['#/jobs', '#/jobs/', '#/jobs/a%2Fb', '#/jobs/../x', `#/jobs/${ID}/pages`, `#/jobs/${ID}/pages/0`,
    `#/jobs/${ID}/pages/1/2`, `#/jobs/${ID}/pages/-1`, `#/jobs/${ID}/other/1`, '#/elsewhere', '#/cluster/1']
  for (const hash of others) assert.deepEqual(parseRoute(hash), { name: 'unknown' }, hash)
})
