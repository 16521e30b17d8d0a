// Two folders up both from here and from node_modules/trac-peer, so it is the one copy of the classes.
export { Contract, Feature, Protocol } from '../../dist/src/app/index.js'
