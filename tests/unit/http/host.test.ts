import test from 'brittle'
import fc from 'fast-check'
import {
  createHostCheck,
  createOriginCheck,
  isLoopbackHost,
  isOrigin,
  parseHost
} from '../../../src/http/host.ts'

const PORT = 49222

function check(host: string, more: { allowHosts?: string[]; port?: number; defaultPort?: number } = {}) {
  return createHostCheck({ host, port: PORT, defaultPort: 80, allowHosts: [], ...more })
}

test('what only this machine can reach', (t) => {
  const loopback = ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '0:0:0:0:0:0:0:1']
  for (const host of [...loopback, '::ffff:127.0.0.1', '::FFFF:7F00:1']) t.ok(isLoopbackHost(host), host)
  const others = [
    '',
    '0.0.0.0',
    '::',
    '128.0.0.1',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example.com'
  ]
  for (const host of [...others, '::2', '::ffff:7f', '::ffff:128.0.0.1', '127.1', '2130706433', '1::1']) {
    t.absent(isLoopbackHost(host), host)
  }
})

test('on loopback: its three names with the port, and nothing else', (t) => {
  for (const bound of ['127.0.0.1', '::1', 'localhost']) {
    const passes = check(bound)
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'LocalHost', '[0:0::1]']) {
      t.ok(passes(`${host}:${PORT}`), `${host} at ${bound}`)
      t.absent(passes(host), `${host} without the port`)
      t.absent(passes(`${host}:${PORT + 1}`), `${host} with another port`)
    }
    const refused = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.0.0.2',
      '0.0.0.0'
    ]
    for (const host of [...refused, '[::2]', '127.1', '2130706433', '10.0.0.1', '[::ffff:127.0.0.1]']) {
      t.absent(passes(`${host}:${PORT}`), `${host} at ${bound}`)
    }
  }
  t.ok(check('127.0.0.2')(`127.0.0.2:${PORT}`), 'and the very address it is bound to')
})

test('a bare name stands for the default port of the scheme', (t) => {
  t.ok(check('127.0.0.1', { port: 80 })('localhost'))
  t.absent(check('127.0.0.1', { port: 80, defaultPort: 443 })('localhost'))
  t.ok(check('127.0.0.1', { port: 443, defaultPort: 443 })('[::1]'))
})

test('bound to one address: that address', (t) => {
  const passes = check('192.0.2.7')
  t.ok(passes(`192.0.2.7:${PORT}`))
  for (const host of ['192.0.2.8', 'localhost', '127.0.0.1', 'evil.example', '[::1]']) {
    t.absent(passes(`${host}:${PORT}`), host)
  }
  const six = check('2001:db8::7')
  t.ok(six(`[2001:db8::7]:${PORT}`))
  t.ok(six(`[2001:DB8:0:0:0:0:0:7]:${PORT}`), 'however it is written')
  t.absent(six(`[2001:db8::8]:${PORT}`))
  t.ok(check('fe80::1%eth0')(`[fe80::1]:${PORT}`), 'a client does not know the name of our link')
})

test('bound to all addresses: any address, never a name', (t) => {
  for (const bound of ['0.0.0.0', '::', '[::]', '0:0::0']) {
    const passes = check(bound)
    for (const host of ['192.0.2.7', '127.0.0.1', '[2001:db8::7]', '[::1]']) {
      t.ok(passes(`${host}:${PORT}`), `${host} at ${bound}`)
      t.absent(passes(`${host}:1`), `${host} at ${bound} with another port`)
    }
    for (const host of ['localhost', 'evil.example', '1.2.3.4.5', '0x7f.1', '[fe80::1%25eth0]']) {
      t.absent(passes(`${host}:${PORT}`), `${host} at ${bound}`)
    }
  }
})

test('more hosts: without a port any, with one that one', (t) => {
  const passes = check('127.0.0.1', {
    allowHosts: ['Bridge.Example', 'proxy.example:8443', 'tls.example:443', '[2001:db8::7]']
  })
  for (const host of ['bridge.example', 'BRIDGE.example:1', 'proxy.example:8443', '[2001:db8:0::7]:9']) {
    t.ok(passes(host), host)
  }
  t.ok(passes('tls.example'), 'a browser leaves the default port out')
  for (const host of [
    'proxy.example',
    'proxy.example:8444',
    'xbridge.example',
    'bridge.example.evil',
    'a.bridge.example'
  ]) {
    t.absent(passes(host), host)
  }
})

test('what is no Host is refused wherever it is bound to', (t) => {
  const bad = [
    undefined,
    '',
    ' ',
    ':',
    `:${PORT}`,
    `localhost:${PORT}, localhost:${PORT}`,
    `localhost: ${PORT}`
  ]
  bad.push(
    `localhost:${PORT}:`,
    'localhost:',
    'localhost:99999',
    'localhost:-1',
    'localhost:0x1',
    'localhost:1e1'
  )
  bad.push(
    `user@localhost:${PORT}`,
    `http://localhost:${PORT}`,
    `localhost/x:${PORT}`,
    `::1:${PORT}`,
    `[::1`,
    '[]'
  )
  bad.push(
    `[localhost]:${PORT}`,
    `[127.0.0.1]:${PORT}`,
    `[::1]x:${PORT}`,
    `localhost\u0000:${PORT}`,
    'ｌocalhost',
    '*'
  )
  bad.push(`local\u212Aost:${PORT}`, '__proto__', 'constructor')
  for (const host of bad) {
    for (const bound of ['127.0.0.1', '0.0.0.0', '::', '192.0.2.7']) {
      t.absent(check(bound, { allowHosts: ['a.example'] })(host), `${JSON.stringify(host)} at ${bound}`)
    }
  }
})

test('no name that is not listed passes', (t) => {
  const passes = check('0.0.0.0', { allowHosts: ['a.example'] })
  const name = fc.oneof(
    fc.domain(),
    fc.string(),
    fc.webAuthority({ withPort: true }),
    fc.string({ unit: 'binary' })
  )
  fc.assert(
    fc.property(name, fc.constantFrom('', `:${PORT}`), (host, port) => {
      const parsed = parseHost(host + port)
      return parsed?.isAddress === true || parsed?.name === 'a.example' || !passes(host + port)
    })
  )
  t.pass()
})

test('each address passes, in any of its spellings, where all are bound', (t) => {
  const passes = check('::')
  fc.assert(fc.property(fc.ipV4(), (address) => passes(`${address}:${PORT}`)))
  fc.assert(fc.property(fc.ipV6(), (address) => passes(`[${address}]:${PORT}`)))
  fc.assert(fc.property(fc.ipV6(), (address) => check(address)(`[${address.toUpperCase()}]:${PORT}`)))
  t.pass()
})

test('origins: none, or exactly one of the list', (t) => {
  const passes = createOriginCheck(['https://App.example', 'http://localhost:3000', 'null'])
  for (const origin of [
    undefined,
    'https://app.example',
    'HTTPS://APP.EXAMPLE',
    'http://localhost:3000',
    'null'
  ]) {
    t.ok(passes(origin), origin)
  }
  const bad = [
    '',
    'https://app.example/',
    'https://app.example:443',
    'http://app.example',
    'https://evil.example'
  ]
  bad.push('https://app.example.evil', 'https://app.example, https://app.example', 'http://localhost', '*')
  for (const origin of bad) t.absent(passes(origin), origin)
  t.absent(createOriginCheck([])('null'))
  t.ok(createOriginCheck([])(undefined))
})

test('what can stand in the list of origins', (t) => {
  for (const origin of [
    'https://a.example',
    'http://[::1]:1',
    'null',
    'chrome-extension://abc',
    'tauri://localhost'
  ]) {
    t.ok(isOrigin(origin), origin)
  }
  for (const origin of [
    '',
    '*',
    'a.example',
    'https://',
    'https://a.example/',
    'https://*.a',
    'https://a b',
    'Null'
  ]) {
    t.absent(isOrigin(origin), origin)
  }
})
