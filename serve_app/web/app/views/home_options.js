// The options of the next documents: pages, mode, engine, languages.

import { html, useId } from '../html.js'

export const NO_OPTIONS = Object.freeze({ pages: '', mode: 'auto', engine: '', languages: '' })

const MODES = [
  ['auto', 'As needed: a page’s own text where it is good, else recognised'],
  ['ocr', 'Always recognise, whatever text the document carries'],
  ['text', 'Only the document’s own text'],
]
const PAGES = '\\s*[0-9]+(\\s*-\\s*[0-9]+)?(\\s*,\\s*[0-9]+(\\s*-\\s*[0-9]+)?)*\\s*'
const LANGUAGES = '\\s*[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*(\\s*,\\s*[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)*\\s*'

/** As the API wants them: what is left as it is is not sent. */
export function chosenOptions(options) {
  const given = Object.entries(options).map(([name, value]) => [name, value.replace(/\s+/g, '')])
  return Object.fromEntries(given.filter(([name, value]) => value !== NO_OPTIONS[name]))
}

/** Whether the options may be sent; where not, they are opened, and the browser says what is wrong. */
export function sayWhatIsWrong(form) {
  if (form.checkValidity()) return true
  form.closest('details').open = true
  form.reportValidity()
  return false
}

export function JobOptions({ info, options, onChange, form }) {
  const id = useId()
  const set = (name) => (event) => onChange({ ...options, [name]: event.target.value })
  const changed = Object.keys(chosenOptions(options)).length
  const engines = info?.engines ?? []

  return html`
    <details class="options">
      <summary>Options${changed > 0 && html` <span class="count">${changed} set</span>`}</summary>
      <form class="fields" ref=${form} onSubmit=${(event) => event.preventDefault()}>
        <div class="field">
          <label for="${id}-pages">Pages</label>
          <input id="${id}-pages" value=${options.pages} onInput=${set('pages')} placeholder="all" pattern=${PAGES}
            title="Page numbers and ranges, as in 1-3,7" autocomplete="off" aria-describedby="${id}-pages-hint" />
          <small id="${id}-pages-hint">As in 1-3,7. Holds for each document.</small>
        </div>
        <div class="field">
          <label for="${id}-languages">Languages</label>
          <input id="${id}-languages" value=${options.languages} onInput=${set('languages')} placeholder="any"
            pattern=${LANGUAGES} title="Codes, as in de,fr" autocomplete="off" autocapitalize="off" spellcheck="false"
            aria-describedby="${id}-languages-hint" />
          <small id="${id}-languages-hint">Codes as in de,fr or zh-Hant.</small>
        </div>
        <div class="field wide">
          <label for="${id}-mode">Text</label>
          <select id="${id}-mode" value=${options.mode} onChange=${set('mode')}>
            ${MODES.map(([mode, text]) => html`<option value=${mode}>${text}</option>`)}
          </select>
        </div>
        ${engines.length > 1 && html`
          <div class="field wide">
            <label for="${id}-engine">Engine</label>
            <select id="${id}-engine" value=${options.engine} onChange=${set('engine')}>
              ${engines.map((engine) => html`
                <option value=${engine.default ? '' : engine.name}>
                  ${engine.name}${engine.default ? ' (the default)' : ''}
                </option>
              `)}
            </select>
          </div>
        `}
      </form>
    </details>
  `
}
