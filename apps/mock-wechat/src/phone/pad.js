// @ts-check
import { byId, make } from './elements.js'
import { word } from './words.js'

const pad = byId('pad', HTMLDivElement)
const dots = byId('dots', HTMLDivElement)
const title = byId('pad-title', HTMLParagraphElement)
const keys = byId('keys', HTMLDivElement)
const trouble = byId('pad-trouble', HTMLParagraphElement)
const length = 6
let typed = ''
let busy = false

/** @typedef {(password: string) => Promise<boolean>} Complete - called with six digits; false when the password was wrong */

/** @param {Complete} complete */
export function preparePad(complete) {
  for (const digit of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) keys.append(key(digit, () => void type(digit, complete)))
  keys.append(
    make('span', 'key-gap'),
    key('0', () => void type('0', complete)),
    deleteKey(),
  )
  addEventListener('keydown', (event) => {
    if (pad.hidden || event.ctrlKey || event.metaKey || event.altKey) return
    if (/^[0-9]$/.test(event.key)) void type(event.key, complete)
    if (event.key === 'Backspace') erase()
  })
}

export function openPad() {
  typed = ''
  trouble.textContent = ''
  showDots()
  pad.hidden = false
  pad.querySelector('button')?.focus({ preventScroll: true })
}

export function closePad() {
  pad.hidden = true
}

/** @param {string} digit @param {Complete} complete */
async function type(digit, complete) {
  if (busy || typed.length === length) return
  typed += digit
  trouble.textContent = ''
  showDots()
  if (typed.length < length) return
  busy = true
  title.textContent = word('paying')
  const right = await complete(typed)
  busy = false
  title.textContent = word('padTitle')
  if (!right) startOver()
}

function startOver() {
  typed = ''
  showDots()
  trouble.textContent = word('wrong')
  dots.classList.remove('shake')
  void dots.offsetWidth // restarts the animation
  dots.classList.add('shake')
}

function erase() {
  if (busy) return
  typed = typed.slice(0, -1)
  showDots()
}

function showDots() {
  for (const [index, dot] of [...dots.children].entries()) dot.classList.toggle('full', index < typed.length)
}

/** @param {string} label @param {() => void} press */
function key(label, press) {
  const button = make('button', 'key', label)
  button.type = 'button'
  button.setAttribute('data-testid', `phone-key-${label}`)
  button.addEventListener('click', press)
  return button
}

function deleteKey() {
  const button = key('⌫', erase)
  button.setAttribute('data-testid', 'phone-key-delete')
  button.setAttribute('data-word-label', 'delete')
  button.classList.add('key-delete')
  return button
}
