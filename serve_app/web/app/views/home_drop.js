// Where documents are handed in: dropped anywhere on the page, chosen as files or as a folder, or pasted.

import { chosenDocuments, documentOf, documentsIn } from '../dropped_files.js'
import { html, useEffect, useRef, useState } from '../html.js'
import { counted } from '../reading_notes.js'
import { sizeText } from '../sizes.js'

const NAMES = {
  'application/pdf': 'PDF', 'image/png': 'PNG', 'image/jpeg': 'JPEG', 'image/tiff': 'TIFF', 'image/webp': 'WebP',
  'image/bmp': 'BMP',
}
const EXTENSIONS = ['.pdf', '.png', '.jpg', '.jpeg', '.tif', '.tiff', '.webp', '.bmp']

/** Telephones have nothing to drop or to paste, and no folders. */
const BY_TOUCH = matchMedia('(pointer: coarse)').matches
const FOLDERS = 'webkitdirectory' in HTMLInputElement.prototype && !BY_TOUCH
const INVITATION = BY_TOUCH ? 'Hand in documents' : 'Drop documents or a folder here'

/** onDocuments: called with at least one, as dropped_files.js gives them. */
export function DropArea({ info, onDocuments }) {
  const [nothing, setNothing] = useState(false)
  const over = useDrop(take)
  usePaste(take)
  const files = useRef(null)
  const folder = useRef(null)

  function take(found) {
    setNothing(found.length === 0)
    if (found.length > 0) onDocuments(found)
  }

  function chosen(event) {
    take(chosenDocuments(event.target.files))
    event.target.value = '' // so that the same file may be chosen again
  }

  return html`
    <section class="drop" data-over=${over} aria-label="Hand in documents">
      <${Sheets} />
      <p class="drop-title">${over ? 'Let go to hand in' : INVITATION}</p>
      <p class="muted">${accepted(info)}</p>
      <div class="actions centred">
        <button class="button primary" type="button" onClick=${() => files.current.click()}>Choose files</button>
        ${FOLDERS && html`
          <button class="button" type="button" onClick=${() => folder.current.click()}>Choose a folder</button>
        `}
      </div>
      ${!BY_TOUCH && html`<p class="muted">An image may also be pasted.</p>`}
      <p class="muted" role="status">${nothing && 'There was no file in it.'}</p>
      <input ref=${files} class="hidden" type="file" multiple accept=${acceptable(info)} tabindex="-1"
        aria-label="Documents" onChange=${chosen} />
      <input ref=${folder} class="hidden" type="file" webkitdirectory tabindex="-1" aria-label="Folder of documents"
        onChange=${chosen} />
    </section>
  `
}

function accepted(info) {
  if (info === null) return 'PDF, PNG, JPEG, TIFF, WebP or BMP'
  const names = info.media_types.map((type) => NAMES[type] ?? type).join(', ')
  return `${names} · up to ${sizeText(info.limits.upload_bytes)} and ${counted(info.limits.pages, 'page')} each`
}

function acceptable(info) {
  return [...(info?.media_types ?? Object.keys(NAMES)), ...EXTENSIONS].join(',')
}

/** Whether files are held over the page. */
function useDrop(take) {
  const [over, setOver] = useState(false)
  const current = useRef(take)
  current.current = take

  useEffect(() => {
    let depth = 0 // the events come for every element that is crossed
    const handlers = {
      dragenter: (event) => held(event, () => (depth += 1)),
      dragleave: (event) => held(event, () => (depth -= 1)),
      dragover: (event) => held(event, () => (event.dataTransfer.dropEffect = 'copy')),
      drop: (event) => held(event, () => {
        depth = 0
        documentsIn(event.dataTransfer).then((documents) => current.current(documents))
      }),
    }
    function held(event, act) {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      act()
      setOver(depth > 0)
    }
    for (const [type, handler] of Object.entries(handlers)) addEventListener(type, handler)
    return () => {
      for (const [type, handler] of Object.entries(handlers)) removeEventListener(type, handler)
    }
  }, [])
  return over
}

function usePaste(take) {
  const current = useRef(take)
  current.current = take
  useEffect(() => {
    const pasted = (event) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      current.current(files.map((file) => documentOf(named(file))))
    }
    addEventListener('paste', pasted)
    return () => removeEventListener('paste', pasted)
  }, [])
}

/** Browsers call every pasted image `image.png`. */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file
  const time = new Date().toLocaleString('sv').replaceAll(':', '.')
  return new File([file], `Pasted ${time}.${file.name.split('.').pop()}`, { type: file.type })
}

function Sheets() {
  return html`
    <svg class="sheets" viewBox="0 0 96 72" width="96" height="72" aria-hidden="true">
      <rect x="14" y="14" width="38" height="50" rx="5" transform="rotate(-8 33 39)" />
      <rect x="44" y="14" width="38" height="50" rx="5" transform="rotate(8 63 39)" />
      <rect class="front" x="29" y="8" width="38" height="52" rx="5" />
      <path d="M37 22h22M37 31h22M37 40h14" />
    </svg>
  `
}
