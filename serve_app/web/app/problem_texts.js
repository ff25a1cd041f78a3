// Every code of the HTTP contract in plain words: what is wrong, and what to do next. The server's own sentence comes
// between the two where it knows more, as with the name of an option or a limit.

const AGAIN_LATER = 'Try again in a moment.'
const LOG = 'If it happens again, tell whoever runs the server; the log has more.'

const TEXTS = {
  // requests
  file_missing: ['No file was sent.', 'Choose a file and send it again.'],
  file_empty: ['The file is empty.', 'Choose another file, or save it again where it was made.'],
  option_invalid: ['One of the options is not allowed.', 'Change it under Options and send the file again.'],
  body_malformed: ['The server could not make sense of what was sent.', 'Send it again; the file may have changed.'],
  unauthorized: ['The server wants an API key.', 'Enter a key; whoever runs the server gives them out.'],
  not_found: ['There is nothing at this address.', 'Go back to your documents.'],
  job_not_found: ['This document is not here (any more).', 'It may have been deleted, or belong to another key.'],
  page_not_found: ['The document has no such page.', 'Choose another page.'],
  upload_not_found: ['The server does not know this upload any more.', 'Send the file again.'],
  method_not_allowed: ['The server does not take such a request.', 'Reload the page; it may be older than the server.'],
  result_not_ready: ['The document is still being read.', 'Wait until it is done, or read the pages as they come.'],
  page_not_ready: ['This page has not been read yet.', 'It appears here as soon as it is.'],
  page_failed: ['This page could not be read.', 'Retry the failed pages, or look at the page image.'],
  job_failed: ['The document could not be read.', 'The reason stands with the document.'],
  job_finished: ['The document is done already.', 'There is nothing left to cancel.'],
  job_not_finished: ['The document is still being read.', 'Wait for it, or cancel it first.'],
  nothing_to_retry: ['Every page has been read.', 'There is nothing to read again.'],
  idempotency_conflict: ['The same request was sent before with other options.', 'Send the file again as a new one.'],
  format_not_available: ['The document can’t be had in this format.', 'Choose another format.'],
  upload_offset_mismatch: ['Two windows send the same file.', 'It goes on from where the upload stands.'],
  upload_incomplete: ['The file has not arrived completely.', 'Resume the upload.'],
  upload_expired: ['The upload was left for too long.', 'Send the file again.'],
  tus_version_unsupported: ['Server and page do not fit each other.', 'Reload the page.'],
  file_too_large: ['The file is too large.', 'Split it, or send only some of its pages as a smaller file.'],
  media_type_unsupported: ['This kind of file can’t be read.', 'Send a PDF or an image: PNG, JPEG, TIFF, WebP, BMP.'],
  too_many_jobs: ['As many documents as your key allows are being read.', 'This one goes on when another is done.'],
  rate_limited: ['Requests come faster than your key allows.', 'It goes on by itself.'],
  quota_exceeded: ['The pages that your key allows a day are used up.', 'Try again tomorrow, or ask for a larger one.'],
  overloaded: ['The server is busy.', 'It goes on by itself when there is room.'],
  storage_unavailable: ['The server can’t reach its storage.', AGAIN_LATER],
  internal_error: ['Something went wrong in the server.', LOG],

  // documents
  document_damaged: ['The file is damaged and can’t be opened.', 'Open it elsewhere, save it anew, and send that.'],
  document_encrypted: ['The document is protected with a password.', 'Enter its password to have it read.'],
  password_wrong: ['The password does not open the document.', 'Enter it again.'],
  too_many_pages: ['The document has too many pages.', 'Ask for some of them under Options, or split the file.'],
  page_range_invalid: ['The pages asked for lie beyond the end.', 'Send it again with pages that the document has.'],
  source_not_found: ['The document is not at its address.', 'Check the address and send it again.'],
  source_forbidden: ['The server may not read the document at its address.', 'Whoever runs the server can allow it.'],
  record_damaged: ['What is stored of this document can’t be read.', LOG],
  record_too_new: ['A newer version of the server looks after this document.', 'Ask that one.'],
  recovery_failed: ['The document brought the server down several times.', 'It is not tried again; send it in parts.'],
  ocr_failed: ['No page of the document could be read.', 'Retry it, with another engine if there is one.'],

  // pages
  page_too_large: ['The page is too large to be drawn.', 'Send it with fewer dots an inch, or at a smaller size.'],
  render_failed: ['The page could not be drawn.', 'It may be damaged; save the document anew and send that.'],
  render_timeout: ['Drawing the page took too long.', 'Retry the failed pages.'],
  render_crashed: ['Drawing the page broke off.', 'Retry the failed pages; the page may be damaged.'],
  engine_out_of_memory: ['There was too little memory to read the page.', 'Retry the failed pages when less goes on.'],
  engine_failed: ['The engine could not read the page.', 'Retry the failed pages, or send it to another engine.'],
  engine_timeout: ['Reading the page took too long.', 'Retry the failed pages.'],
  engine_crashed: ['Reading the page broke off.', 'Retry the failed pages.'],

  // this page's own
  no_answer: ['The server does not answer.', 'Check that it runs and that you are connected; it goes on by itself.'],
  file_unreadable: ['It can’t be read from your disk.', 'It was moved, changed or locked meanwhile; choose it again.'],
  view_missing: ['This part of the page could not be loaded.', 'Reload the page.'],
  not_copied: ['The browser did not let the text be copied.', 'Select it and copy it by hand, or download it.'],
  page_broken: ['The page has met an error of its own.', 'Reload the page; nothing on the server is lost.'],
}

/** Of these the server's own sentence says nothing more. */
const SAID_ALREADY = new Set([
  ...['unauthorized', 'file_missing', 'file_empty', 'overloaded', 'rate_limited'],
  ...['not_found', 'job_not_found', 'page_not_found', 'upload_not_found'],
  ...['result_not_ready', 'page_not_ready', 'page_failed', 'job_failed'],
  ...['job_finished', 'job_not_finished', 'nothing_to_retry'],
  ...['document_encrypted', 'password_wrong'],
])
const GATEWAYS = new Set([502, 503, 504])

/** All codes that have a text. */
export const CODES = Object.freeze(Object.keys(TEXTS))

/**
 * A problem in plain words. detail: what the server said, where that says more than `what`.
 *
 * @param {{code?: string, status?: number, detail?: string, message?: string}} problem a Problem, or the `error` of a
 *   record or of a page
 * @returns {{what: string, next: string, detail: string}}
 */
export function explain(problem) {
  const [what, next] = textsOf(problem)
  return { what, next, detail: toldMore(problem) }
}

/** The same as one line. */
export function inOneLine(problem) {
  const { what, next } = explain(problem)
  return `${what} ${next}`
}

function textsOf({ code, status }) {
  if (Object.hasOwn(TEXTS, code ?? '')) return TEXTS[code]
  if (GATEWAYS.has(status)) return ['The server is not ready.', 'It may be starting; it goes on by itself.']
  return ['Something went wrong.', LOG]
}

function toldMore({ code, detail, message }) {
  const told = detail ?? message ?? ''
  return told === code || SAID_ALREADY.has(code) ? '' : told
}
