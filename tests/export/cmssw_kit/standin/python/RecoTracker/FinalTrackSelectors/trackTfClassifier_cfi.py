import FWCore.ParameterSet.Config as cms

trackTfClassifier = cms.EDProducer(
    "TrackTfClassifier",
    src=cms.InputTag(""),
    vertices=cms.InputTag("firstStepPrimaryVertices"),
    qualityCuts=cms.vdouble(-0.7, 0.1, 0.7),
    mva=cms.PSet(tfDnnLabel=cms.string("trackSelectionTf"), batchSize=cms.int32(16)),
)
