// Markup: htm bound to Preact. The one place where the two meet, so that views import everything from here.

import { h } from 'preact'
import htm from 'htm'

export const html = htm.bind(h)
export { Component, render } from 'preact'
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
