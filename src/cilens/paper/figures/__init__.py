"""The paper's figures: each function draws one of them, of a study, and returns it.

Pictures, colours and type are those of `cilens.plot` and `cilens.render`.
"""
