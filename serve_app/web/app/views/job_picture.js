// A page's image with the places of its lines drawn over it. It can be turned and enlarged.
//
// Places are points of the page as displayed, and so is the image: the drawing over it has the page's size in points as
// its own coordinates, whatever the image's pixels. Both are turned together, at first so that the text stands upright.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js'
import { intoViewWithin } from '../into_view.js'
import { explain } from '../problem_texts.js'

const SCROLLED_PAST_MS = 150
const ZOOMS = [1, 1.75, 3]
const LETTER = { width: 612, height: 792 }
let usual = LETTER // most pages of a document are as large as the one before

export function JobPicture({ page, result, places, contents, active, shown, point, show }) {
  const [turned, setTurned] = useState(0)
  const [zoom, setZoom] = useState(0)
  const frame = useRef(null)
  const { url, problem, again } = useImage(contents, page)
  if (result?.width > 0 && result.height > 0) usual = { width: result.width, height: result.height }
  const size = result?.width > 0 ? result : usual
  const turn = ((result?.rotation ?? 0) + turned) % 360

  useLayoutEffect(() => {
    const place = shown && frame.current.querySelector('polygon.active')
    if (place) intoViewWithin(frame.current, place)
  }, [shown])

  return html`
    <div class="job-picture">
      <div class="job-frame" ref=${frame} tabindex=${zoom ? 0 : undefined} role=${zoom ? 'group' : undefined}
        aria-label=${zoom ? `Image of page ${page}, enlarged` : undefined}>
        <div class="job-stage" style=${stageStyle(size, turn, ZOOMS[zoom])}>
          <div class="job-turned" style=${turnedStyle(size, turn)}>
            ${url && html`<img src=${url} alt=${`Page ${page} as it was read`} draggable=${false} />`}
            <svg
              viewBox=${`0 0 ${size.width} ${size.height}`} preserveAspectRatio="none" aria-hidden="true"
              onPointerOver=${(event) => point(placeOf(event))} onPointerLeave=${() => point(null)}
              onClick=${(event) => placeOf(event) !== null && show(placeOf(event))}
            >
              ${url && places.map((place, index) => html`
                <polygon
                  key=${index} data-place=${index} class=${index === active ? 'active' : ''}
                  points=${place.corners.join(' ')}
                />
              `)}
            </svg>
          </div>
          ${!url && html`<p class="job-blank">${problem ? '' : 'Fetching the image…'}</p>`}
        </div>
      </div>
      ${problem && html`<${ImageMissing} problem=${problem} again=${again} />`}
      <div class="job-lens">
        <button class="button quiet" type="button" onClick=${() => setTurned((turned + 90) % 360)}>
          Turn<span class="visually-hidden"> page ${page}</span>
        </button>
        <button class="button quiet" type="button" onClick=${() => setZoom((zoom + 1) % ZOOMS.length)}>
          ${zoom === ZOOMS.length - 1 ? 'Whole page' : 'Enlarge'}<span class="visually-hidden"> of page ${page}</span>
        </button>
      </div>
    </div>
  `
}

// The image's URL, fetched once the page has been in view for a moment, and given back when it is not any more.
function useImage(contents, page) {
  const [state, setState] = useState({ url: null, problem: null })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const url = await contents.image(page, leaving.signal)
        if (!leaving.signal.aborted) setState({ url, problem: null })
      } catch (problem) {
        if (!leaving.signal.aborted) setState({ url: null, problem })
      }
    }, SCROLLED_PAST_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [contents, page, tries])
  return { ...state, again: () => setTries(tries + 1) }
}

function placeOf(event) {
  const place = event.target.dataset?.place
  return place === undefined ? null : Number(place)
}

function stageStyle({ width, height }, turn, zoom) {
  const [wide, high] = turn % 180 ? [height, width] : [width, height]
  return { aspectRatio: `${wide} / ${high}`, width: `${zoom * 100}%` }
}

// Turned by a quarter, the inner box is as wide as the stage is high.
function turnedStyle({ width, height }, turn) {
  const quarter = turn % 180 !== 0
  return {
    width: quarter ? `${(100 * width) / height}%` : '100%',
    height: quarter ? `${(100 * height) / width}%` : '100%',
    transform: `translate(-50%, -50%) rotate(${turn}deg)`,
  }
}

function ImageMissing({ problem, again }) {
  const { what } = explain(problem)
  return html`
    <p class="job-blank muted">
      The page image can not be shown. ${what}${' '}
      <button class="button quiet" type="button" onClick=${again}>Try again</button>
    </p>
  `
}
