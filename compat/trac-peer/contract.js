export { Contract, Contract as default } from './index.js'
