export { Protocol, Protocol as default } from './index.js'
