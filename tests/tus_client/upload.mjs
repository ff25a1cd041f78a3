// Uploads a file by tus-js-client, as an application would: node upload.mjs '{"endpoint": …, "file": …, …}'.
//
// abortAt: bytes after which it stops in the middle, and then goes on by a second Upload that knows the URL alone.
// terminate: it stops there for good. Prints one JSON line: the upload's URL, and how often a request was tried again.

import fs from 'node:fs'
import * as tus from 'tus-js-client'

const asked = JSON.parse(process.argv[2])
const size = fs.statSync(asked.file).size
let retries = 0

function options(settle, more) {
  return {
    endpoint: asked.endpoint,
    uploadSize: size,
    chunkSize: asked.chunkSize ?? Infinity,
    uploadDataDuringCreation: asked.uploadDataDuringCreation ?? false,
    retryDelays: asked.retryDelays ?? [50, 100, 200, 400],
    metadata: { filename: asked.filename ?? 'document.pdf', filetype: 'application/pdf' },
    onShouldRetry: () => {
      retries += 1
      return true
    },
    onError: settle.reject,
    onSuccess: settle.resolve,
    ...more,
  }
}

function send(more) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(fs.createReadStream(asked.file), options({ resolve: () => resolve(upload), reject }, more))
    upload.start()
  })
}

function sendUntil(bytes) {
  return new Promise((resolve, reject) => {
    let stopped = false
    const stop = (sent) => {
      if (sent < bytes || stopped) return
      stopped = true
      upload.abort(asked.terminate ?? false).then(() => resolve(upload), reject)
    }
    const early = { resolve: () => reject(new Error('it ended before it was stopped')), reject }
    const upload = new tus.Upload(fs.createReadStream(asked.file), options(early, { onProgress: stop }))
    upload.start()
  })
}

let upload
if (asked.abortAt === undefined) {
  upload = await send({})
} else {
  upload = await sendUntil(asked.abortAt)
  if (!asked.terminate) upload = await send({ uploadUrl: upload.url })
}
console.log(JSON.stringify({ url: upload.url, retries }))
process.exit(0) // an upload that was stopped leaves a request behind that keeps Node up
