// Home: where documents are handed in, those on their way, and the recent ones.

import { html, useEffect, useRef, useState } from '../html.js'
import { jobHash } from '../route.js'
import { useChanges } from '../use_changes.js'
import { DropArea } from './home_drop.js'
import { RecentList } from './home_jobs.js'
import { chosenOptions, JobOptions, NO_OPTIONS, sayWhatIsWrong } from './home_options.js'
import { UploadList } from './home_uploads.js'

export default function Home({ api, go, uploads, recent, keys }) {
  useChanges(keys)
  const [info, setInfo] = useState(null)
  const [options, setOptions] = useState(NO_OPTIONS)
  const single = useRef(null)
  const form = useRef(null)

  useEffect(() => {
    const left = new AbortController()
    api.json('/api/info', { signal: left.signal }).then(setInfo, () => {})
    return () => left.abort()
  }, [api, keys.current])

  useEffect(() => recent.watch(), [recent])

  // Who hands in one document wants to see it read.
  useEffect(() => {
    const accepted = ({ detail: { record, upload } }) => {
      if (upload === single.current) go(jobHash(record.job_id))
    }
    uploads.addEventListener('accepted', accepted)
    return () => uploads.removeEventListener('accepted', accepted)
  }, [uploads, go])

  function take(documents) {
    if (!sayWhatIsWrong(form.current)) return
    const alone = documents.length === 1 && !uploads.busy
    const added = uploads.add(documents, chosenOptions(options))
    single.current = alone ? added[0] : null
  }

  return html`
    <div class="home">
      <h1>Text from documents</h1>
      <p class="lead">Hand in a PDF or an image, and read along while it is recognised.</p>
      <${DropArea} info=${info} onDocuments=${take} />
      <${JobOptions} info=${info} options=${options} onChange=${setOptions} form=${form} />
      <${UploadList} api=${api} uploads=${uploads} options=${chosenOptions(options)} onDocuments=${take} />
      <${RecentList} recent=${recent} keys=${keys} />
    </div>
  `
}
