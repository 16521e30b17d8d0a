// Runs one test file: the first word after this file. A slow machine is not a fault of a test.
import { configure } from 'brittle'
import process from '#process'

configure({ timeout: 120_000 })
await import(process.argv[2] ?? '')
