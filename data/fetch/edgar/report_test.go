package edgar_test

import "strings"

// Reports as companies file them, made up: a hidden inline XBRL header, a cover,
// a table of contents, running heads, page numbers, cross references.

var annualReport = `<?xml version='1.0' encoding='ASCII'?><html><head><title/></head><body>
<div style="display:none"><ix:header><ix:hidden><ix:nonNumeric>0001318605</ix:nonNumeric></ix:hidden></ix:header></div>
<div>ANNUAL REPORT PURSUANT TO SECTION 13</div>
<div>DOCUMENTS INCORPORATED BY REFERENCE</div>
<p><a href="#toc">Table of Contents</a></p>
<table>
<tr><td>PART I.</td><td></td><td></td></tr>
<tr><td>Item 1.</td><td>Business</td><td>4</td></tr>
<tr><td>Item 1A.</td><td>Risk Factors</td><td>14</td></tr>
<tr><td>Item 1B.</td><td>Unresolved Staff Comments</td><td>28</td></tr>
<tr><td>Item 7.</td><td>Management&#8217;s Discussion and Analysis of Financial Condition and Results of Operations</td><td>33</td></tr>
<tr><td>Item 7A.</td><td>Quantitative and Qualitative Disclosures about Market Risk</td><td>46</td></tr>
<tr><td>Item 8.</td><td>Financial Statements and Supplementary Data</td><td>47</td></tr>
<tr><td>Signatures</td><td></td><td>110</td></tr>
</table>
<p>Forward-looking statements: see the risks in Part I, Item 1A, Risk Factors.</p>
<h1>PART I</h1>
<h2>ITEM 1. BUSINESS</h2><p>We make vehicles. ` + strings.Repeat("Business text goes on. ", 60) + `</p>
<h2>ITEM&#160;1A. RISK FACTORS</h2>
<p>You should consider the risks described below. Our production may be delayed.</p>
<p>Item 7. Management&#8217;s Discussion and Analysis of this report says more of our liquidity.</p>
<div>14</div><div>Table of Contents</div><div>ITEM 1A. RISK FACTORS (continued)</div>
<p>Suppliers may fail us.</p>
<h2>ITEM 1B. UNRESOLVED STAFF COMMENTS</h2><p>None.</p>
<h1>PART II</h1>
<div>ITEM 7.</div><div>MANAGEMENT&#8217;S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION AND RESULTS OF OPERATIONS</div>
<p>The following discussion should be read with the statements in Part II, Item 8.</p>
<div>33</div><div>PART II</div><div>Item 7</div>
<p>Revenue rose by 71 %.</p>
<p>Item 1A, &#8220;Risk Factors&#8221; says what may go wrong.</p>
<h2>ITEM 7A. QUANTITATIVE AND QUALITATIVE DISCLOSURES ABOUT MARKET RISK</h2><p>Foreign currencies move our margin.</p>
<h2>ITEM 8. FINANCIAL STATEMENTS AND SUPPLEMENTARY DATA</h2><p>Index of the statements. ` + strings.Repeat("Notes go on. ", 200) + `</p>
<h2>SIGNATURES</h2><p>Signed.</p></body></html>`

var annualItems = `ITEM 1A. RISK FACTORS

You should consider the risks described below. Our production may be delayed.

Item 7. Management’s Discussion and Analysis of this report says more of our liquidity.

ITEM 1A. RISK FACTORS (continued)

Suppliers may fail us.

ITEM 7.
MANAGEMENT’S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION AND RESULTS OF OPERATIONS

The following discussion should be read with the statements in Part II, Item 8.

PART II
Item 7

Revenue rose by 71 %.

Item 1A, “Risk Factors” says what may go wrong.

ITEM 7A. QUANTITATIVE AND QUALITATIVE DISCLOSURES ABOUT MARKET RISK

Foreign currencies move our margin.`

var quarterlyReport = `<html><body><p>QUARTERLY REPORT</p>
<table>
<tr><td>Item 1.</td><td>Financial Statements (Unaudited)</td><td>4</td></tr>
<tr><td>Item 2.</td><td>Management's Discussion and Analysis of Financial Condition and Results of Operations</td><td>24</td></tr>
<tr><td>Item 3.</td><td>Quantitative and Qualitative Disclosures About Market Risk</td><td>36</td></tr>
<tr><td>Item 4.</td><td>Controls and Procedures</td><td>36</td></tr>
<tr><td>Item 1A.</td><td>Risk Factors</td><td>37</td></tr>
<tr><td>Item 6.</td><td>Exhibits</td><td>39</td></tr>
</table>
<h2>PART I. FINANCIAL INFORMATION</h2>
<h2>ITEM 1. FINANCIAL STATEMENTS</h2><p>Statements. ` + strings.Repeat("More of them. ", 80) + `</p>
<h2>ITEM 2. MANAGEMENT'S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION AND RESULTS OF OPERATIONS</h2>
<p>Revenue of the quarter grew.</p>
<h2>ITEM 3. QUANTITATIVE AND QUALITATIVE DISCLOSURES ABOUT MARKET RISK</h2><p>No material change of the risks.</p>
<h2>ITEM 4. CONTROLS AND PROCEDURES</h2><p>They work.</p>
<h2>PART II. OTHER INFORMATION</h2>
<h2>ITEM 1. LEGAL PROCEEDINGS</h2><p>See Note 10.</p>
<p><b>ITEM 1A. RISK FACTORS.</b> There are no material changes to the risks in Part I, Item 1A of our annual report.</p>
<h2>ITEM 2. UNREGISTERED SALES OF EQUITY SECURITIES AND USE OF PROCEEDS</h2><p>None of them.</p>
<h2>SIGNATURES</h2></body></html>`

var quarterlyItems = `ITEM 2. MANAGEMENT'S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION AND RESULTS OF OPERATIONS

Revenue of the quarter grew.

ITEM 3. QUANTITATIVE AND QUALITATIVE DISCLOSURES ABOUT MARKET RISK

No material change of the risks.

ITEM 1A. RISK FACTORS. There are no material changes to the risks in Part I, Item 1A of our annual report.`

var currentReport = `<html><body><p>FORM 8-K</p><p>CURRENT REPORT</p><p>(Exact name of registrant)</p>
<p><b>Item 2.02. Results of Operations and Financial Condition.</b></p>
<p>On January 25, 2023, the company announced its results.</p>
<p>Item 9.01. Financial Statements and Exhibits.</p>
<p>SIGNATURE</p><p>Pursuant to the requirements, signed.</p></body></html>`
