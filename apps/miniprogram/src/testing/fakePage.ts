/** A page's instance, as tests see it. */
export interface PageInstance {
  data: Record<string, unknown>
  call(method: string, argument?: unknown): void
  has(method: string): boolean
}

type Fields = Record<string, unknown>

/**
 * Page(): data and own fields are copied for each instance, functions are bound by the call; setData changes `data` at once, takes paths
 * ("facts[0].value"), copies through JSON, and does not take undefined.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/reference/api/Page.html
 */
export function instantiate(options: Fields): PageInstance {
  const data = jsonCopy(options['data'] ?? {}, 'data') as Fields
  const own = Object.entries(options).filter(([name]) => name !== 'data')
  const instance: Fields = Object.fromEntries(
    own.map(([name, value]) => [name, typeof value === 'function' ? value : structuredClone(value)]),
  )
  instance['data'] = data
  instance['setData'] = (changes: Fields, done?: () => void) => {
    for (const [path, value] of Object.entries(changes)) setAt(data, path, jsonCopy(value, path))
    if (done) queueMicrotask(done)
  }
  return {
    data,
    has: (method) => typeof instance[method] === 'function',
    call(method, argument) {
      const called = instance[method]
      if (typeof called !== 'function') throw new Error(`the page has no ${method}`)
      Reflect.apply(called, instance, [argument])
    },
  }
}

/** @throws {TypeError} for what does not cross to the view's thread */
function jsonCopy(value: unknown, path: string): unknown {
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (inner === undefined || typeof inner === 'function') throw new TypeError(`setData: ${path} ${key} is ${typeof inner}`)
    return inner
  })
  return JSON.parse(text) as unknown
}

function setAt(data: Fields, path: string, value: unknown): void {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '')
  const last = steps.pop() ?? path
  const holder = steps.reduce<Fields>((inner, step) => (inner[step] ??= {}) as Fields, data)
  holder[last] = value
}
