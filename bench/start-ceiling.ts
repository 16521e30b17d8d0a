// The least that a peer does at its start, with nothing of ours: open key file, Corestore and Hyperswarm.
import b4a from 'b4a'
import Corestore from 'corestore'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import sodium from 'sodium-universal'
import fs from '#fs'
import process from '#process'

const [, , folder = '', keyFile = '', port = ''] = process.argv

const { nonce, salt, ciphertext } = JSON.parse(fs.readFileSync(keyFile, 'utf-8'))
const key = b4a.alloc(32)
const algorithm = sodium.crypto_pwhash_ALG_ARGON2I13
await sodium.crypto_pwhash_async(key, b4a.alloc(0), b4a.from(salt, 'hex'), 3, 268_435_456, algorithm)
const box = b4a.from(ciphertext, 'hex')
const plain = b4a.alloc(box.byteLength - sodium.crypto_secretbox_MACBYTES)
if (!sodium.crypto_secretbox_open_easy(plain, box, b4a.from(nonce, 'hex'), key)) throw new Error('wrong key')
const wallet = JSON.parse(b4a.toString(plain))

const store = new Corestore(folder)
await store.ready()
const dht = new DHT({ bootstrap: [`127.0.0.1:${port}`], host: '127.0.0.1', firewalled: false })
const keyPair = { publicKey: b4a.from(wallet.publicKey, 'hex'), secretKey: b4a.from(wallet.secretKey, 'hex') }
const swarm = new Hyperswarm({ dht, keyPair })
swarm.join(b4a.alloc(32, 1))
process.stdout.write('ready\n')
